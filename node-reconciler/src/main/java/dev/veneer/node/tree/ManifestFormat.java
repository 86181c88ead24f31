package dev.veneer.node.tree;

import java.nio.charset.StandardCharsets;

/**
 * Constants of the manifest's file form, which {@code docs/manifest.md} specifies: a body, whose SHA-256 is the
 * tree's digest, an index and a trailer, which are derived from the body.
 */
final class ManifestFormat {
    /** Begins the body; its last byte is the version of the canonical form. */
    static final byte[] MAGIC = magic("veneer-manifest", 1);

    /** Begins the trailer; its last byte is the version of index and trailer. */
    static final byte[] TRAILER_MAGIC = magic("veneer-trailer\n", 1);

    /** A record whose number is a multiple of this one has an entry in the index. */
    static final int INDEX_INTERVAL = 64;

    /** Bytes of the trailer. */
    static final int TRAILER_BYTES = 88;

    /** Bytes of an entry of the index's table: offset of the record, offset of its path. */
    static final int INDEX_ENTRY_BYTES = 16;

    /** The depth that ends the records. No record but the first has it. */
    static final int END = 0;

    /** Longest field that a reader takes for possible; attributes' values and paths are at most 64 KiB. */
    static final int MAX_FIELD = 1 << 20;

    private ManifestFormat() {}

    private static byte[] magic(String text, int version) {
        byte[] bytes = new byte[16];
        System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, bytes, 0, 15);
        bytes[15] = (byte) version;
        return bytes;
    }
}
