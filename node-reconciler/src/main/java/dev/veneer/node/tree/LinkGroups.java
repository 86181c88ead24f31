package dev.veneer.node.tree;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the groups of paths that are hard links of one file, each named by the first of its paths that was asked for,
 * in constant memory.
 */
public final class LinkGroups implements AutoCloseable {
    private static final int IN_MEMORY = 4096;

    private final InodeTable table;
    private final LinuxCalls calls;
    private final int scratchDirectory;
    private @Nullable ScratchFile paths;
    private long end;

    /** @param scratchDirectory a directory of ours where scratch files may be made */
    public LinkGroups(LinuxCalls calls, int scratchDirectory) {
        this.calls = calls;
        this.scratchDirectory = scratchDirectory;
        this.table = new InodeTable(calls, scratchDirectory, IN_MEMORY);
    }

    /**
     * The group's first path, or null when this path is the first of its file. To be asked for every path but
     * directories, in order.
     */
    public byte @Nullable [] firstPath(Statx stat, byte[] path) throws LinuxException {
        if (stat.nlink <= 1) {
            return null;
        }
        byte[] known = table.get(stat.dev(), stat.ino);
        if (known != null) {
            ByteBuffer value = ByteBuffer.wrap(known);
            ByteBuffer found = ByteBuffer.allocate(value.getInt(8));
            file().read(found, value.getLong(0));
            return found.array();
        }
        byte[] value = new byte[InodeTable.VALUE_BYTES];
        ByteBuffer.wrap(value).putLong(end).putInt(path.length);
        file().write(ByteBuffer.wrap(path), end);
        end += path.length;
        table.put(stat.dev(), stat.ino, value);
        return null;
    }

    private ScratchFile file() throws LinuxException {
        ScratchFile open = paths;
        if (open == null) {
            open = ScratchFile.open(calls, scratchDirectory);
            paths = open;
        }
        return open;
    }

    @Override
    public void close() {
        table.close();
        if (paths != null) {
            paths.close();
        }
    }
}
