package dev.veneer.node.tree;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import org.jspecify.annotations.Nullable;

/**
 * Finds the groups of paths that are hard links of one file, each named by the first of its paths that was asked for,
 * in constant memory.
 */
public final class LinkGroups implements AutoCloseable {
    private final InodePaths paths;

    /** @param scratchDirectory a directory of ours where scratch files may be made */
    public LinkGroups(LinuxCalls calls, int scratchDirectory) {
        this.paths = new InodePaths(calls, scratchDirectory);
    }

    /**
     * The group's first path, or null when this path is the first of its file. To be asked for every path but
     * directories, in order.
     */
    public byte @Nullable [] firstPath(Statx stat, byte[] path) throws LinuxException {
        if (stat.nlink <= 1) {
            return null;
        }
        byte[] known = paths.get(stat);
        if (known == null) {
            paths.put(stat.dev(), stat.ino, path);
        }
        return known;
    }

    @Override
    public void close() {
        paths.close();
    }
}
