package dev.veneer.node.image;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Digests every byte that is read, skipped ones too. */
final class DigestingStream extends FilterInputStream {
    private final MessageDigest sha256;

    DigestingStream(InputStream in, MessageDigest sha256) {
        super(in);
        this.sha256 = sha256;
    }

    @Override
    public int read() throws IOException {
        int one = in.read();
        if (one >= 0) {
            sha256.update((byte) one);
        }
        return one;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int count = in.read(into, offset, length);
        if (count > 0) {
            sha256.update(into, offset, count);
        }
        return count;
    }

    @Override
    public long skip(long count) throws IOException {
        byte[] part = new byte[(int) Math.min(Math.max(0, count), 8192)];
        return Math.max(0, read(part, 0, part.length));
    }

    /** Reads what is left, for its digest only. */
    void drain() throws IOException {
        byte[] part = new byte[64 * 1024];
        int count;
        do {
            count = read(part, 0, part.length);
        } while (count >= 0);
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
