package dev.veneer.node.tree;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.Digest;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes a manifest in one pass, in constant memory. Records are added in the order of {@link TreePath#compare}, the
 * root first. Durability is the caller's.
 */
public final class ManifestWriter implements AutoCloseable {
    private static final byte[] NO_PATH = {};

    private final LinuxCalls calls;
    private final int fd;
    private final MessageDigest sha256 = ContentHasher.sha256();
    private final ScratchFile indexTable;
    private final ScratchFile indexPaths;
    private final ByteBuffer direct = ByteBuffer.allocateDirect(64 * 1024);

    private byte[] pending = new byte[64 * 1024];
    private int used;
    private long bodyBytes;
    private long entries;
    private long contentBytes;
    private long pathBytes;
    private byte @Nullable [] last;

    /**
     * @param fd the manifest's file, empty, open for writing; stays the caller's
     * @param scratchDirectory a directory of ours where scratch files may be made
     */
    public ManifestWriter(LinuxCalls calls, int fd, int scratchDirectory) throws LinuxException {
        this.calls = calls;
        this.fd = fd;
        this.indexTable = ScratchFile.open(calls, scratchDirectory);
        try {
            this.indexPaths = ScratchFile.open(calls, scratchDirectory);
        } catch (LinuxException e) {
            indexTable.close();
            throw e;
        }
        bytes(ManifestFormat.MAGIC);
    }

    /**
     * Adds the record of the next path.
     *
     * @param firstLink the first path of its group of hard links when it is a later one of them; else null
     * @throws IllegalArgumentException when the path does not come after the one before
     */
    public void add(byte[] path, Identity identity, byte @Nullable [] firstLink) throws LinuxException {
        if (last == null ? path.length != 0 : TreePath.compare(last, path) >= 0) {
            throw new IllegalArgumentException(TreePath.show(path) + " is out of order in the manifest");
        }
        if (entries % ManifestFormat.INDEX_INTERVAL == 0) {
            index(path);
        }
        last = path;
        entries++;
        number(TreePath.depth(path));
        field(TreePath.name(path));
        encode(identity);
        field(firstLink == null ? NO_PATH : firstLink);
        if (firstLink == null) {
            contentBytes += identity.size();
        }
        if (used >= direct.capacity()) {
            flush(true);
        }
    }

    private void encode(Identity identity) {
        octet(identity.type().code());
        number(identity.permissions());
        number(identity.uid() & 0xffffffffL);
        number(identity.gid() & 0xffffffffL);
        number((identity.mtimeSec() << 1) ^ (identity.mtimeSec() >> 63));
        number(identity.mtimeNsec());
        number(identity.flags());
        number(identity.xattrs().size());
        for (Xattr xattr : identity.xattrs()) {
            field(xattr.name().array());
            field(xattr.value().array());
        }
        switch (identity.type()) {
            case REGULAR -> {
                if (identity.content().length() != Identity.CONTENT_BYTES) {
                    throw new IllegalArgumentException("a regular file's identity has the SHA-256 of its content");
                }
                number(identity.size());
                bytes(identity.content().array());
            }
            case SYMLINK -> field(identity.target().array());
            case CHARACTER_DEVICE, BLOCK_DEVICE -> {
                number(identity.deviceMajor() & 0xffffffffL);
                number(identity.deviceMinor() & 0xffffffffL);
            }
            case DIRECTORY, FIFO, SOCKET -> {}
        }
    }

    /** Ends the body and writes index and trailer. */
    public ManifestSummary finish() throws LinuxException {
        number(ManifestFormat.END);
        number(entries);
        flush(true);
        long body = bodyBytes;
        byte[] digest = sha256.digest();
        long blocks = (entries + ManifestFormat.INDEX_INTERVAL - 1) / ManifestFormat.INDEX_INTERVAL;
        append(indexTable, blocks * ManifestFormat.INDEX_ENTRY_BYTES);
        append(indexPaths, pathBytes);
        ByteBuffer trailer = ByteBuffer.allocate(ManifestFormat.TRAILER_BYTES);
        trailer.put(ManifestFormat.TRAILER_MAGIC)
                .putLong(body)
                .putLong(entries)
                .putLong(contentBytes)
                .putLong(blocks)
                .putLong(pathBytes)
                .put(digest);
        bytes(trailer.array());
        flush(false);
        return new ManifestSummary(new Digest(Bytes.wrap(digest).hex()), entries, contentBytes);
    }

    private void index(byte[] path) throws LinuxException {
        ByteBuffer entry = ByteBuffer.allocate(ManifestFormat.INDEX_ENTRY_BYTES);
        entry.putLong(bodyBytes + used).putLong(pathBytes).flip();
        indexTable.write(entry, entries / ManifestFormat.INDEX_INTERVAL * ManifestFormat.INDEX_ENTRY_BYTES);
        indexPaths.write(ByteBuffer.wrap(path), pathBytes);
        pathBytes += path.length;
    }

    private void append(ScratchFile from, long length) throws LinuxException {
        for (long at = 0; at < length; ) {
            int count = (int) Math.min(pending.length, length - at);
            from.read(ByteBuffer.wrap(pending, 0, count), at);
            used = count;
            flush(false);
            at += count;
        }
    }

    private void octet(int value) {
        room(1);
        pending[used++] = (byte) value;
    }

    private void number(long value) {
        room(10);
        long left = value;
        while ((left & ~0x7fL) != 0) {
            pending[used++] = (byte) (left | 0x80);
            left >>>= 7;
        }
        pending[used++] = (byte) left;
    }

    private void field(byte[] value) {
        number(value.length);
        bytes(value);
    }

    private void bytes(byte[] value) {
        room(value.length);
        System.arraycopy(value, 0, pending, used, value.length);
        used += value.length;
    }

    private void room(int count) {
        if (used + count > pending.length) {
            pending = Arrays.copyOf(pending, Math.max(2 * pending.length, used + count));
        }
    }

    private void flush(boolean isBody) throws LinuxException {
        if (isBody) {
            sha256.update(pending, 0, used);
            bodyBytes += used;
        }
        for (int at = 0; at < used; ) {
            direct.clear();
            int count = Math.min(direct.capacity(), used - at);
            direct.put(pending, at, count).flip();
            while (direct.hasRemaining()) {
                calls.write(fd, direct);
            }
            at += count;
        }
        used = 0;
    }

    @Override
    public void close() {
        indexTable.close();
        indexPaths.close();
    }
}
