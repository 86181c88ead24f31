package dev.veneer.node.image;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;

/** How an archive is compressed, told by its first bytes. */
enum Compression {
    NONE,
    GZIP,
    XZ,
    ZSTD;

    private static final int LOOK = 6;
    private static final int BUFFER = 64 * 1024;
    private static final int XZ_MEMORY_KIB = 256 * 1024;
    /** Windows of up to 128 MiB, as {@code zstd --long} makes them. */
    private static final int ZSTD_WINDOW_LOG = 27;

    /**
     * The archive's bytes without compression.
     *
     * @throws IOException when it is empty or compressed in another way
     */
    static InputStream decompress(InputStream raw) throws IOException {
        BufferedInputStream in = new BufferedInputStream(raw, BUFFER);
        in.mark(LOOK);
        byte[] head = in.readNBytes(LOOK);
        in.reset();
        if (head.length == 0) {
            throw new IOException("it is empty");
        }
        return switch (of(head)) {
            case GZIP -> new GZIPInputStream(new Eager(in), BUFFER);
            case XZ -> new XZInputStream(in, XZ_MEMORY_KIB);
            case ZSTD -> new ZstdInputStream(in).setLongMax(ZSTD_WINDOW_LOG);
            case NONE -> in;
        };
    }

    private static Compression of(byte[] head) throws IOException {
        if (begins(head, 0x1f, 0x8b)) {
            return GZIP;
        }
        if (begins(head, 0xfd, '7', 'z', 'X', 'Z', 0)) {
            return XZ;
        }
        // A skippable frame may come first: pzstd writes one.
        boolean skippable = head.length > 3 && (head[0] & 0xf0) == 0x50 && begins3(head, 0x2a, 0x4d, 0x18);
        if (begins(head, 0x28, 0xb5, 0x2f, 0xfd) || skippable) {
            return ZSTD;
        }
        if (begins(head, 'B', 'Z', 'h')) {
            throw new IOException("it is compressed by bzip2; plain, gzip, xz and zstd are read");
        }
        if (begins(head, 0x04, 0x22, 0x4d, 0x18)) {
            throw new IOException("it is compressed by lz4; plain, gzip, xz and zstd are read");
        }
        return NONE;
    }

    private static boolean begins3(byte[] head, int second, int third, int fourth) {
        return (head[1] & 0xff) == second && (head[2] & 0xff) == third && (head[3] & 0xff) == fourth;
    }

    private static boolean begins(byte[] head, int... magic) {
        if (head.length < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if ((head[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Says that there is more until it has been read to its end. {@link GZIPInputStream} looks for a further member only
     * when it is told that bytes are available, which at the end of a buffer nobody can know without reading.
     */
    private static final class Eager extends FilterInputStream {
        Eager(InputStream in) {
            super(in);
        }

        @Override
        public int available() {
            return 1;
        }
    }
}
