package dev.veneer.node.tree;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.Digest;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a manifest: one path's record by binary search, or all of them in order. Every field is checked, so that a
 * damaged file is told as {@code Damaged} and never makes the reader run away. Not for several threads at once.
 */
public final class ManifestReader implements AutoCloseable {
    /** Of a tree of four million paths; some megabytes when each of them was looked at. */
    private static final int MOST_KEPT = 1 << 16;

    /** What is read at once of records that are looked for: some more than an interval of the index usually takes. */
    private static final int NEAR_BYTES = 8 * 1024;

    private static final int ALL_BYTES = 64 * 1024;

    private final LinuxCalls calls;
    private final int fd;
    private final boolean closes;
    private final ManifestSummary summary;
    private final long bodyBytes;
    private final long blocks;
    private final long tableStart;
    private final long pathsStart;
    private final long pathsEnd;

    /** Paths of the index that were read before, as far as they are few enough to keep. */
    private final byte[] @Nullable [] blockPaths;

    private ManifestReader(LinuxCalls calls, int fd, boolean closes) throws LinuxException, NodeException {
        this.calls = calls;
        this.fd = fd;
        this.closes = closes;
        long length = calls.lseek(fd, 0, Abi.SEEK_END);
        int trailerBytes = ManifestFormat.TRAILER_BYTES;
        if (length < ManifestFormat.MAGIC.length + trailerBytes) {
            throw damaged("is cut short: it has " + length + " bytes");
        }
        ByteBuffer trailer = at(length - trailerBytes, trailerBytes);
        byte[] magic = new byte[ManifestFormat.TRAILER_MAGIC.length];
        trailer.get(magic);
        if (!Arrays.equals(magic, ManifestFormat.TRAILER_MAGIC)) {
            throw damaged("has no trailer of a version that this program reads");
        }
        bodyBytes = trailer.getLong();
        long entries = trailer.getLong();
        long contentBytes = trailer.getLong();
        blocks = trailer.getLong();
        long pathBytes = trailer.getLong();
        byte[] digest = new byte[Identity.CONTENT_BYTES];
        trailer.get(digest);
        boolean sane = entries > 0
                && bodyBytes > ManifestFormat.MAGIC.length
                && bodyBytes <= length
                && pathBytes >= 0
                && pathBytes <= length
                && blocks == (entries - 1) / ManifestFormat.INDEX_INTERVAL + 1
                && blocks <= length / ManifestFormat.INDEX_ENTRY_BYTES
                && bodyBytes + blocks * ManifestFormat.INDEX_ENTRY_BYTES + pathBytes + trailerBytes == length;
        if (!sane) {
            throw damaged("has a trailer that does not fit its length");
        }
        tableStart = bodyBytes;
        pathsStart = tableStart + blocks * ManifestFormat.INDEX_ENTRY_BYTES;
        pathsEnd = pathsStart + pathBytes;
        blockPaths = new byte[(int) Math.min(blocks, MOST_KEPT)][];
        summary = new ManifestSummary(new Digest(Bytes.wrap(digest).hex()), entries, contentBytes);
        if (!Arrays.equals(at(0, ManifestFormat.MAGIC.length).array(), ManifestFormat.MAGIC)) {
            throw damaged("does not begin as a manifest of a version that this program reads");
        }
    }

    /**
     * Opens a manifest.
     *
     * @param directory descriptor of the directory that holds it
     * @param name its name there
     * @throws NodeException {@code Damaged} when it is not a whole manifest
     */
    public static ManifestReader open(LinuxCalls calls, int directory, byte[] name)
            throws LinuxException, NodeException {
        int fd = calls.openat2(directory, name, Abi.O_RDONLY | Abi.O_NOFOLLOW, 0, Abi.RESOLVE_NO_SYMLINKS);
        boolean opened = false;
        try {
            ManifestReader reader = new ManifestReader(calls, fd, true);
            opened = true;
            return reader;
        } finally {
            if (!opened) {
                calls.close(fd);
            }
        }
    }

    /**
     * Reads one that was written into a scratch file, which stays open.
     *
     * @throws NodeException {@code Damaged} when it is not a whole manifest
     */
    public static ManifestReader open(LinuxCalls calls, ScratchFile file) throws LinuxException, NodeException {
        return new ManifestReader(calls, file.number(), false);
    }

    /**
     * Tells its file from another that took the place, and from itself after a change.
     *
     * @param inode on its file system
     * @param seconds of its last change, as the kernel has it
     * @param nanoseconds of that
     */
    public record Stamp(long inode, long seconds, int nanoseconds) {}

    /** As it is now. */
    public Stamp stamp() throws LinuxException {
        Statx stat = new Statx();
        calls.statx(fd, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
        return new Stamp(stat.ino, stat.ctimeSec, stat.ctimeNsec);
    }

    /** What its trailer says; {@link #verify} tells whether that is true. */
    public ManifestSummary summary() {
        return summary;
    }

    /** Reads all of it and compares with what the trailer and the index say. */
    public void verify() throws LinuxException, NodeException {
        MessageDigest sha256 = ContentHasher.sha256();
        ByteBuffer part = ByteBuffer.allocate(256 * 1024);
        for (long at = 0; at < bodyBytes; at += part.limit()) {
            part.clear().limit((int) Math.min(part.capacity(), bodyBytes - at));
            fill(part, at);
            sha256.update(part.array(), 0, part.limit());
        }
        String found = Bytes.wrap(sha256.digest()).hex();
        if (!found.equals(summary.digest().hex())) {
            throw damaged("has the digest " + found + " where its trailer says " + summary.digest());
        }
        long bytes = 0;
        Cursor cursor = entries();
        for (ManifestEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
            bytes += entry.firstLink().isEmpty() ? entry.identity().size() : 0;
            long number = cursor.number - 1;
            byte[] path = entry.path().array();
            boolean indexed = number % ManifestFormat.INDEX_INTERVAL == 0;
            if (indexed
                    && !(Arrays.equals(path, blockPath(number / ManifestFormat.INDEX_INTERVAL))
                            && entry.equals(find(path)))) {
                throw damaged("has an index that does not find " + TreePath.show(path));
            }
        }
        cursor.requireEnd();
        if (bytes != summary.bytes()) {
            throw damaged("counts " + bytes + " bytes of content where its trailer says " + summary.bytes());
        }
    }

    /** The record of a path, or null when the tree does not have it. */
    public @Nullable ManifestEntry find(byte[] path) throws LinuxException, NodeException {
        Cursor cursor = near(path);
        for (int i = 0; i < ManifestFormat.INDEX_INTERVAL; i++) {
            ManifestEntry entry = cursor.next();
            if (entry == null) {
                return null;
            }
            int order = TreePath.compare(entry.path().array(), path);
            if (order >= 0) {
                return order == 0 ? entry : null;
            }
        }
        return null;
    }

    /**
     * The records from shortly before a path on: the record of the path, or of what would follow it, is among the first
     * {@value ManifestFormat#INDEX_INTERVAL} and one more.
     */
    public Cursor near(byte[] path) throws LinuxException, NodeException {
        long low = 0;
        long high = blocks;
        byte[] start = {};
        while (high - low > 1) {
            long middle = (low + high) >>> 1;
            byte[] candidate = blockPath(middle);
            if (TreePath.compare(candidate, path) <= 0) {
                low = middle;
                start = candidate;
            } else {
                high = middle;
            }
        }
        long offset = at(tableStart + low * ManifestFormat.INDEX_ENTRY_BYTES, 8).getLong();
        if (offset < ManifestFormat.MAGIC.length || offset >= bodyBytes) {
            throw damaged("has an index that points outside its records");
        }
        return new Cursor(offset, low * ManifestFormat.INDEX_INTERVAL, start, NEAR_BYTES);
    }

    /** All records in order. Several cursors may be used in turn. */
    public Cursor entries() {
        return new Cursor(ManifestFormat.MAGIC.length, 0, new byte[0], ALL_BYTES);
    }

    private byte[] blockPath(long block) throws LinuxException, NodeException {
        if (block >= blockPaths.length) {
            return readBlockPath(block);
        }
        byte[] path = blockPaths[(int) block];
        if (path == null) {
            path = readBlockPath(block);
            blockPaths[(int) block] = path;
        }
        return path;
    }

    private byte[] readBlockPath(long block) throws LinuxException, NodeException {
        boolean isLast = block == blocks - 1;
        int bytes = ManifestFormat.INDEX_ENTRY_BYTES;
        ByteBuffer table = at(tableStart + block * bytes, isLast ? bytes : 2 * bytes);
        long from = pathsStart + table.getLong(8);
        long to = isLast ? pathsEnd : pathsStart + table.getLong(bytes + 8);
        if (from < pathsStart || to < from || to > pathsEnd || to - from > ManifestFormat.MAX_FIELD) {
            throw damaged("has an index that points outside its paths");
        }
        return at(from, (int) (to - from)).array();
    }

    private ByteBuffer at(long offset, int length) throws LinuxException, NodeException {
        ByteBuffer part = ByteBuffer.allocate(length);
        fill(part, offset);
        return part.clear();
    }

    private void fill(ByteBuffer part, long offset) throws LinuxException, NodeException {
        long at = offset;
        while (part.hasRemaining()) {
            int count = calls.pread(fd, part, at);
            if (count <= 0) {
                throw damaged("ends at " + at + ", inside a record");
            }
            at += count;
        }
    }

    private static NodeException damaged(String how) {
        return new NodeException(
                Reason.Damaged, Follow.STALLED, "the manifest " + how + ": import the base image again");
    }

    @Override
    public void close() {
        if (closes) {
            calls.close(fd);
        }
    }

    /** A place in the sequence of records. */
    public final class Cursor {
        private final ManifestDecoder decoder;
        private long number;
        private byte[] path;
        private int depth;
        private boolean first = true;

        private Cursor(long offset, long number, byte[] startPath, int window) {
            this.decoder = new ManifestDecoder(this::read, offset, window);
            this.number = number;
            this.path = startPath;
            this.depth = TreePath.depth(startPath);
        }

        /** The next record, or null at the end. */
        public @Nullable ManifestEntry next() throws LinuxException, NodeException {
            if (number == summary.entries()) {
                return null;
            }
            int recordDepth = (int) decoder.number(Integer.MAX_VALUE);
            byte[] name = decoder.field();
            byte[] next = first ? path : step(recordDepth, name);
            if (first && (recordDepth != depth || !Arrays.equals(TreePath.name(path), name))) {
                throw damaged("has an index that does not fit its records");
            }
            first = false;
            path = next;
            depth = recordDepth;
            number++;
            Identity identity = decoder.identity();
            return new ManifestEntry(Bytes.wrap(next), identity, Bytes.wrap(decoder.field()));
        }

        /** Whether a path is so far on that to look it up anew is less than to go on to it. */
        public boolean isFar(byte[] wanted) throws LinuxException, NodeException {
            long block = number / ManifestFormat.INDEX_INTERVAL + 1;
            return block < blocks && TreePath.compare(blockPath(block), wanted) <= 0;
        }

        /** Checks the mark behind the last record. */
        private void requireEnd() throws LinuxException, NodeException {
            if (decoder.number(Integer.MAX_VALUE) != ManifestFormat.END
                    || decoder.number(Long.MAX_VALUE) != summary.entries()
                    || decoder.position() != bodyBytes) {
                throw damaged("has a trailer that does not fit its records");
            }
        }

        private byte[] step(int recordDepth, byte[] name) throws NodeException {
            if (recordDepth < 1 || recordDepth > depth + 1 || name.length == 0) {
                throw damaged("has a record of impossible depth after " + TreePath.show(path));
            }
            byte[] directory = path;
            for (int level = depth; level >= recordDepth; level--) {
                directory = TreePath.parent(directory);
            }
            byte[] next = TreePath.join(directory, name);
            if (TreePath.compare(path, next) >= 0) {
                throw damaged("is out of order at " + TreePath.show(next));
            }
            return next;
        }

        private int read(ByteBuffer into, long offset) throws LinuxException, NodeException {
            into.clear().limit((int) Math.min(into.capacity(), Math.max(0, bodyBytes - offset)));
            fill(into, offset);
            return into.limit();
        }
    }
}
