package dev.veneer.node.image;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.InodeTable;
import dev.veneer.node.tree.ScratchFile;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the files written so far and can only be used at the end: contents' digests, directories' times and
 * default access control lists (which files made in them would inherit), inode flags (which would forbid changes), and
 * the layer that made or touched a file.
 */
final class StagedInodes implements AutoCloseable {
    private static final int IN_MEMORY = 1 << 16;
    private static final int DIGEST_BYTES = 32;

    private final LinuxCalls calls;
    private final int scratchDirectory;
    private final InodeTable table;
    private @Nullable ScratchFile lists;
    private long listsEnd;

    /**
     * What is known of one file.
     *
     * @param flags inode flags to set
     * @param layer number of the layer that made or touched it
     * @param mtimeSec of a directory
     * @param mtimeNsec of a directory
     * @param digest of a regular file's content; else empty
     * @param listStart where the default access control list lies
     * @param listLength its length, 0 for none
     */
    record Known(int flags, int layer, long mtimeSec, int mtimeNsec, Bytes digest, long listStart, int listLength) {
        Known inLayer(int touched) {
            return new Known(flags, touched, mtimeSec, mtimeNsec, digest, listStart, listLength);
        }
    }

    StagedInodes(LinuxCalls calls, int scratchDirectory) {
        this.calls = calls;
        this.scratchDirectory = scratchDirectory;
        this.table = new InodeTable(calls, scratchDirectory, IN_MEMORY);
    }

    void file(Statx stat, int flags, int layer, Bytes digest) throws LinuxException {
        put(stat, new Known(flags, layer, 0, 0, digest, 0, 0));
    }

    /** @param defaultAcl empty for none */
    void directory(Statx stat, Metadata metadata, int layer, Bytes defaultAcl) throws LinuxException {
        long start = listsEnd;
        if (!defaultAcl.isEmpty()) {
            ScratchFile file = lists;
            if (file == null) {
                file = ScratchFile.open(calls, scratchDirectory);
                lists = file;
            }
            file.write(ByteBuffer.wrap(defaultAcl.array()), start);
            listsEnd += defaultAcl.length();
        }
        put(
                stat,
                new Known(
                        metadata.flags(),
                        layer,
                        metadata.mtimeSec(),
                        metadata.mtimeNsec(),
                        Bytes.EMPTY,
                        start,
                        defaultAcl.length()));
    }

    void put(Statx stat, Known known) throws LinuxException {
        byte[] value = new byte[InodeTable.VALUE_BYTES];
        boolean isFile = !known.digest().isEmpty();
        ByteBuffer into = ByteBuffer.wrap(value)
                .put((byte) (isFile ? 1 : 0))
                .put((byte) known.flags())
                .putShort((short) known.layer());
        if (isFile) {
            into.position(8).put(known.digest().array());
        } else {
            into.putInt(known.mtimeNsec())
                    .putLong(known.mtimeSec())
                    .putLong(known.listStart())
                    .putInt(known.listLength());
        }
        table.put(stat.dev(), stat.ino, value);
    }

    @Nullable
    Known get(Statx stat) throws LinuxException {
        byte[] value = table.get(stat.dev(), stat.ino);
        if (value == null) {
            return null;
        }
        ByteBuffer from = ByteBuffer.wrap(value);
        boolean isFile = from.get() == 1;
        int flags = from.get();
        int layer = from.getShort() & 0xffff;
        if (isFile) {
            return new Known(flags, layer, 0, 0, Bytes.copy(value, 8, 8 + DIGEST_BYTES), 0, 0);
        }
        int nsec = from.getInt();
        return new Known(flags, layer, from.getLong(), nsec, Bytes.EMPTY, from.getLong(), from.getInt());
    }

    /** A directory's default access control list; empty for none. */
    Bytes defaultAcl(Known known) throws LinuxException {
        ScratchFile file = lists;
        if (known.listLength() == 0 || file == null) {
            return Bytes.EMPTY;
        }
        ByteBuffer list = ByteBuffer.allocate(known.listLength());
        file.read(list, known.listStart());
        return Bytes.wrap(list.array());
    }

    @Override
    public void close() {
        table.close();
        if (lists != null) {
            lists.close();
        }
    }
}
