package dev.veneer.node.tree.rewrite;

import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Sha256;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.InodeTable;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreeWalker;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which files of a sliver were found to hold what the base holds at the same path, and which change time they had then: an
 * inode that still has it was not written to, so that it need not be compared again. In constant memory. Not for several
 * threads at once.
 */
public final class EqualContents implements AutoCloseable {
    /** Knows nothing and keeps nothing. */
    public static final EqualContents NONE = new EqualContents();

    private static final int IN_MEMORY = 1 << 14;

    /** Of a digest of the path, beside time and size. */
    private static final int PATH_BYTES = InodeTable.VALUE_BYTES - 20;

    private final @Nullable Fd scratch;
    private final @Nullable InodeTable table;
    private final Instant settled;

    /** Whether what is met is still kept. */
    private boolean keeps = true;

    /** Whether all that was kept is there. */
    private boolean whole = true;

    private EqualContents() {
        this.scratch = null;
        this.table = null;
        this.settled = Instant.MIN;
    }

    /**
     * None yet.
     *
     * @param scratchDirectory absolute path of a directory of ours where a scratch file may be made
     * @param settled what was changed later is not kept, since it could be changed again within the same step of the
     *     kernel's clock. The file system was synced after this, so that the first write through a mapping is seen too
     */
    public EqualContents(LinuxCalls calls, String scratchDirectory, Instant settled) throws LinuxException {
        this.scratch = new Fd(calls, new SafeOpen(calls).ownDirectory(scratchDirectory));
        this.table = new InodeTable(calls, scratch.number(), IN_MEMORY);
        this.settled = settled;
    }

    /** Whether a file is one of them, and as it was. */
    boolean holds(TreeWalker.Entry entry) throws LinuxException {
        if (table == null || !whole) {
            return false;
        }
        byte[] known = table.get(entry.stat().dev(), entry.stat().ino);
        return known != null && ByteBuffer.wrap(known).equals(ByteBuffer.wrap(value(entry)));
    }

    /**
     * Keeps that a file was found to be equal, as it was seen before it was read. Where there is no room for that, all is
     * given up: reading again needs none.
     */
    void note(TreeWalker.Entry entry) {
        Statx stat = entry.stat();
        if (table == null
                || !keeps
                || !Instant.ofEpochSecond(stat.ctimeSec, stat.ctimeNsec).isBefore(settled)) {
            return;
        }
        try {
            table.put(stat.dev(), stat.ino, value(entry));
        } catch (LinuxException e) {
            keeps = false;
            whole = false;
        }
    }

    /** Keeps no more: what is found from now on is used at once. */
    public void complete() {
        keeps = false;
    }

    /** Of one file: time, size, and at which path it was compared. */
    private static byte[] value(TreeWalker.Entry entry) {
        Statx stat = entry.stat();
        return ByteBuffer.allocate(InodeTable.VALUE_BYTES)
                .putLong(stat.ctimeSec)
                .putInt(stat.ctimeNsec)
                .putLong(stat.size)
                .put(Sha256.of(entry.path()), 0, PATH_BYTES)
                .array();
    }

    @Override
    public void close() {
        if (table != null) {
            table.close();
        }
        if (scratch != null) {
            scratch.close();
        }
    }
}
