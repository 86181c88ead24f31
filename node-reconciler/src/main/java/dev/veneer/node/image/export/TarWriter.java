package dev.veneer.node.image.export;

import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.Xattr;
import dev.veneer.node.tree.XattrPolicy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes a tar archive: ustar, with extended headers (pax) only where ustar has no room. Names are bytes. The same
 * entries give the same bytes.
 */
final class TarWriter {
    /** What a reader of Go's standard library takes of extended headers for one entry. */
    static final int MAX_EXTENDED = 1 << 20;

    private static final int BLOCK = 512;
    private static final long MAX_OCTAL_7 = 07777777L;
    private static final long MAX_OCTAL_11 = 077777777777L;
    private static final byte[] EXTENDED_NAME = ascii("././@PaxHeader");
    private static final byte[] MAGIC = ascii("ustar\00000");

    private final OutputStream out;
    private final byte[] zeros = new byte[BLOCK];
    private long left;
    private int padding;

    TarWriter(OutputStream out) {
        this.out = out;
    }

    /**
     * Begins an entry; a regular file's content follows by {@link #content}.
     *
     * @param name as it is to stand in the archive
     * @param type the type flag
     * @param size of the content that follows
     * @param link target of a link, else empty
     */
    void entry(byte[] name, char type, Identity identity, long size, byte[] link) throws LinuxException {
        requireComplete();
        byte[] extended = extended(name, identity, size, link);
        if (extended.length > 0) {
            header(EXTENDED_NAME, 'x', 0644, 0, 0, extended.length, 0, new byte[0], 0, 0);
            put(extended, 0, extended.length);
            put(zeros, 0, -extended.length & (BLOCK - 1));
        }
        boolean plainTime = identity.mtimeSec() >= 0 && identity.mtimeSec() <= MAX_OCTAL_11;
        header(
                name,
                type,
                identity.permissions(),
                unsigned(identity.uid()),
                unsigned(identity.gid()),
                size,
                plainTime ? identity.mtimeSec() : 0,
                link,
                identity.deviceMajor(),
                identity.deviceMinor());
        left = size;
        padding = (int) (-size & (BLOCK - 1));
    }

    /** Writes bytes of the entry's content. */
    void content(byte[] bytes, int offset, int length) throws LinuxException {
        if (length > left) {
            throw new IllegalStateException("more content than was announced");
        }
        put(bytes, offset, length);
        left -= length;
        if (left == 0) {
            put(zeros, 0, padding);
            padding = 0;
        }
    }

    /** Ends the archive; the stream stays the caller's. */
    void finish() throws LinuxException {
        requireComplete();
        put(zeros, 0, BLOCK);
        put(zeros, 0, BLOCK);
    }

    private void requireComplete() {
        if (left != 0) {
            throw new IllegalStateException("less content than was announced");
        }
    }

    /** Bytes of the extended header that an entry needs; it is told by the caller when they are too many. */
    static int extendedBytes(byte[] name, Identity identity, byte[] link) {
        return extended(name, identity, identity.size(), link).length;
    }

    private static byte[] extended(byte[] name, Identity identity, long size, byte[] link) {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        if (name.length > 100) {
            record(records, ascii("path"), name);
        }
        if (link.length > 100) {
            record(records, ascii("linkpath"), link);
        }
        if (identity.mtimeNsec() != 0 || identity.mtimeSec() < 0 || identity.mtimeSec() > MAX_OCTAL_11) {
            record(records, ascii("mtime"), ascii(time(identity.mtimeSec(), identity.mtimeNsec())));
        }
        if (unsigned(identity.uid()) > MAX_OCTAL_7) {
            record(records, ascii("uid"), ascii(Long.toString(unsigned(identity.uid()))));
        }
        if (unsigned(identity.gid()) > MAX_OCTAL_7) {
            record(records, ascii("gid"), ascii(Long.toString(unsigned(identity.gid()))));
        }
        if (size > MAX_OCTAL_11) {
            record(records, ascii("size"), ascii(Long.toString(size)));
        }
        if (identity.flags() != 0) {
            record(records, ascii("SCHILY.fflags"), ascii(flags(identity.flags())));
        }
        for (Xattr xattr : identity.xattrs()) {
            // What an import leaves out, other tools' private notes, is in no layer either.
            if (XattrPolicy.judge(xattr.name()) == XattrPolicy.Verdict.KEEP) {
                record(records, key(xattr.name()), xattr.value().array());
            }
        }
        return records.toByteArray();
    }

    /** The names that libarchive reads and writes. */
    private static String flags(int flags) {
        String immutable = (flags & Identity.IMMUTABLE) != 0 ? "schg" : "";
        String append = (flags & Identity.APPEND_ONLY) != 0 ? "sappnd" : "";
        return immutable + (immutable.isEmpty() || append.isEmpty() ? "" : ",") + append;
    }

    /** As GNU tar has it: what would end the key is escaped. */
    private static byte[] key(Bytes name) {
        ByteArrayOutputStream key = new ByteArrayOutputStream();
        key.writeBytes(ascii("SCHILY.xattr."));
        for (byte b : name.array()) {
            if (b == '=' || b == '%') {
                key.writeBytes(ascii(b == '=' ? "%3D" : "%25"));
            } else {
                key.write(b);
            }
        }
        return key.toByteArray();
    }

    /** A record says how long it is, its own length's digits included. */
    private static void record(ByteArrayOutputStream records, byte[] key, byte[] value) {
        int rest = key.length + value.length + 3;
        int length = rest + digits(rest);
        length = rest + digits(length);
        records.writeBytes(ascii(length + " "));
        records.writeBytes(key);
        records.write('=');
        records.writeBytes(value);
        records.write('\n');
    }

    private static int digits(int number) {
        return Integer.toString(number).length();
    }

    /** Decimal seconds; before 1970 the fraction counts backwards as the sign does. */
    private static String time(long seconds, int nanoseconds) {
        boolean backwards = seconds < 0 && nanoseconds != 0;
        long whole = backwards ? seconds + 1 : seconds;
        int fraction = backwards ? 1_000_000_000 - nanoseconds : nanoseconds;
        String sign = backwards && whole == 0 ? "-" : "";
        if (fraction == 0) {
            return Long.toString(whole);
        }
        String digits = Integer.toString(1_000_000_000 + fraction).substring(1);
        return sign + whole + "." + digits;
    }

    private void header(
            byte[] name,
            char type,
            int mode,
            long uid,
            long gid,
            long size,
            long mtime,
            byte[] link,
            int major,
            int minor)
            throws LinuxException {
        byte[] block = new byte[BLOCK];
        System.arraycopy(name, 0, block, 0, Math.min(100, name.length));
        octal(block, 100, 8, mode);
        octal(block, 108, 8, uid > MAX_OCTAL_7 ? 0 : uid);
        octal(block, 116, 8, gid > MAX_OCTAL_7 ? 0 : gid);
        octal(block, 124, 12, size > MAX_OCTAL_11 ? 0 : size);
        octal(block, 136, 12, mtime);
        Arrays.fill(block, 148, 156, (byte) ' ');
        block[156] = (byte) type;
        System.arraycopy(link, 0, block, 157, Math.min(100, link.length));
        System.arraycopy(MAGIC, 0, block, 257, MAGIC.length);
        octal(block, 329, 8, unsigned(major));
        octal(block, 337, 8, unsigned(minor));
        int sum = 0;
        for (byte b : block) {
            sum += b & 0xff;
        }
        octal(block, 148, 7, sum);
        block[155] = ' ';
        put(block, 0, BLOCK);
    }

    /** Octal digits and a NUL. */
    private static void octal(byte[] block, int offset, int length, long value) {
        long rest = value;
        for (int i = offset + length - 2; i >= offset; i--) {
            block[i] = (byte) ('0' + (rest & 7));
            rest >>>= 3;
        }
        block[offset + length - 1] = 0;
    }

    private void put(byte[] bytes, int offset, int length) throws LinuxException {
        try {
            out.write(bytes, offset, length);
        } catch (LinuxException e) {
            throw e;
        } catch (IOException e) {
            // What compresses and digests in memory has no failures of its own.
            throw new UncheckedIOException(e);
        }
    }

    private static long unsigned(int value) {
        return value & 0xffffffffL;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
