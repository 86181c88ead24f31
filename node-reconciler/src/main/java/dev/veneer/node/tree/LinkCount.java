package dev.veneer.node.tree;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import org.jspecify.annotations.Nullable;

/**
 * Tells the first name of a file with several from the others, in constant memory: right after a compaction every file of
 * a sliver has two names, of which one is in the trash.
 */
final class LinkCount implements AutoCloseable {
    private static final int IN_MEMORY = 4096;
    private static final byte[] MET = new byte[InodeTable.VALUE_BYTES];

    private final LinuxCalls calls;
    private final String scratchDirectory;
    private @Nullable InodeTable met;
    private int scratch = -1;

    /**
     * @param scratchDirectory path of a directory of ours, for what does not fit into memory
     */
    LinkCount(LinuxCalls calls, String scratchDirectory) {
        this.calls = calls;
        this.scratchDirectory = scratchDirectory;
    }

    /** Whether this is the first time that the file is met. */
    boolean isFirst(Statx stat) throws LinuxException {
        if (stat.nlink <= 1 || stat.isDirectory()) {
            return true;
        }
        InodeTable table = met;
        if (table == null) {
            scratch = new SafeOpen(calls).ownDirectory(scratchDirectory);
            table = new InodeTable(calls, scratch, IN_MEMORY);
            met = table;
        }
        if (table.get(stat.dev(), stat.ino) != null) {
            return false;
        }
        table.put(stat.dev(), stat.ino, MET);
        return true;
    }

    @Override
    public void close() {
        if (met != null) {
            met.close();
            calls.close(scratch);
        }
    }
}
