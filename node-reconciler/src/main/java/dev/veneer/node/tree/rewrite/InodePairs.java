package dev.veneer.node.tree.rewrite;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.InodeTable;
import java.nio.ByteBuffer;

/**
 * Whether files of two trees go together one to one: what was one file before is one afterwards, and the reverse. In
 * constant memory.
 */
public final class InodePairs implements AutoCloseable {
    private static final int IN_MEMORY = 4096;

    private final InodeTable there;
    private final InodeTable back;

    /** @param scratchDirectory a directory of ours where scratch files may be made */
    public InodePairs(LinuxCalls calls, int scratchDirectory) {
        this.there = new InodeTable(calls, scratchDirectory, IN_MEMORY);
        this.back = new InodeTable(calls, scratchDirectory, IN_MEMORY);
    }

    /** Whether one of the files is met for the first time, or they are those that were met together before. */
    public boolean met(Statx before, Statx after) throws LinuxException {
        return met(before.dev(), before.ino, after);
    }

    /** The same of what is known by two numbers, of which the second is not 0. */
    public boolean met(long first, long second, Statx after) throws LinuxException {
        boolean same = is(there, first, second, after.dev(), after.ino);
        return is(back, after.dev(), after.ino, first, second) && same;
    }

    private static boolean is(InodeTable table, long device, long inode, long otherDevice, long otherInode)
            throws LinuxException {
        byte[] known = table.get(device, inode);
        if (known == null) {
            byte[] value = new byte[InodeTable.VALUE_BYTES];
            ByteBuffer.wrap(value).putLong(otherDevice).putLong(otherInode);
            table.put(device, inode, value);
            return true;
        }
        ByteBuffer value = ByteBuffer.wrap(known);
        return value.getLong() == otherDevice && value.getLong() == otherInode;
    }

    @Override
    public void close() {
        there.close();
        back.close();
    }
}
