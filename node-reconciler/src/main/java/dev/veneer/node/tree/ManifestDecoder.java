package dev.veneer.node.tree;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Decodes the fields of a manifest's records, each checked against its bounds. */
final class ManifestDecoder {
    private static final int MAX_XATTRS = 1 << 16;
    private static final int MAX_NSEC = 999_999_999;

    private final Source source;
    private final ByteBuffer window;
    /** What the buffer holds; its own positions are not used in between, which would cost more than what is decoded. */
    private final byte[] bytes;

    private int at;
    private int limit;
    private long windowEnd;

    /** Where the bytes come from. */
    interface Source {
        /**
         * Clears the buffer and fills it with the bytes from an offset on.
         *
         * @return how many; 0 at the end
         */
        int read(ByteBuffer into, long offset) throws LinuxException, NodeException;
    }

    /** @param windowBytes how much is read at once */
    ManifestDecoder(Source source, long offset, int windowBytes) {
        this.source = source;
        this.window = ByteBuffer.allocate(windowBytes);
        this.bytes = window.array();
        this.windowEnd = offset;
    }

    Identity identity() throws LinuxException, NodeException {
        FileType type;
        try {
            type = FileType.ofCode(octet());
        } catch (IllegalArgumentException e) {
            throw damaged("an unknown type of file");
        }
        int permissions = (int) number(07777);
        int uid = (int) number(0xffffffffL);
        int gid = (int) number(0xffffffffL);
        long folded = number(-1);
        long mtimeSec = (folded >>> 1) ^ -(folded & 1);
        int mtimeNsec = (int) number(MAX_NSEC);
        int flags = (int) number(Identity.IMMUTABLE | Identity.APPEND_ONLY);
        int count = (int) number(MAX_XATTRS);
        List<Xattr> xattrs = new ArrayList<>(Math.min(count, 16));
        for (int i = 0; i < count; i++) {
            Bytes name = Bytes.wrap(field());
            if (!xattrs.isEmpty() && xattrs.get(i - 1).name().compareTo(name) >= 0) {
                throw damaged("attributes out of order");
            }
            xattrs.add(new Xattr(name, Bytes.wrap(field())));
        }
        boolean regular = type == FileType.REGULAR;
        long size = regular ? number(Long.MAX_VALUE) : 0;
        Bytes content = regular ? Bytes.wrap(bytes(Identity.CONTENT_BYTES)) : Bytes.EMPTY;
        Bytes target = type == FileType.SYMLINK ? Bytes.wrap(field()) : Bytes.EMPTY;
        int major = type.isDevice() ? (int) number(0xffffffffL) : 0;
        int minor = type.isDevice() ? (int) number(0xffffffffL) : 0;
        return new Identity(
                type, permissions, uid, gid, mtimeSec, mtimeNsec, flags, xattrs, size, content, target, major, minor);
    }

    /** Offset of the next byte. */
    long position() {
        return windowEnd - (limit - at);
    }

    byte[] field() throws LinuxException, NodeException {
        return bytes((int) number(ManifestFormat.MAX_FIELD));
    }

    /** @param max the largest allowed, as an unsigned number */
    long number(long max) throws LinuxException, NodeException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int octet = octet();
            if (shift == 63 && octet > 1) {
                break;
            }
            value |= (long) (octet & 0x7f) << shift;
            if (octet < 0x80) {
                if (Long.compareUnsigned(value, max) > 0 || (octet == 0 && shift > 0)) {
                    throw damaged("a number that is not allowed there");
                }
                return value;
            }
        }
        throw damaged("a number that is too long");
    }

    private byte[] bytes(int length) throws LinuxException, NodeException {
        byte[] value = new byte[length];
        for (int done = 0; done < length; ) {
            ensure();
            int count = Math.min(length - done, limit - at);
            System.arraycopy(bytes, at, value, done, count);
            at += count;
            done += count;
        }
        return value;
    }

    private int octet() throws LinuxException, NodeException {
        if (at == limit) {
            ensure();
        }
        return bytes[at++] & 0xff;
    }

    private void ensure() throws LinuxException, NodeException {
        if (at == limit) {
            int count = source.read(window, windowEnd);
            if (count == 0) {
                throw damaged("an end inside a record");
            }
            windowEnd += count;
            at = 0;
            limit = count;
        }
    }

    private static NodeException damaged(String what) {
        return new NodeException(
                Reason.Damaged, Follow.STALLED, "the manifest has " + what + ": import the base image again");
    }
}
