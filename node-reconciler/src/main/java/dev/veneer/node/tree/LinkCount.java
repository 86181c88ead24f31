package dev.veneer.node.tree;

import dev.veneer.node.linux.Statx;
import java.util.HashMap;
import java.util.Map;

/**
 * Tells the first name of a file with several from the others. A file is forgotten when all its names were met, so only
 * those that are still incomplete take memory.
 */
final class LinkCount {
    private record Inode(long device, long number) {}

    private final Map<Inode, Long> missing = new HashMap<>();

    /** Whether this is the first time that the file is met. */
    boolean isFirst(Statx stat) {
        if (stat.nlink <= 1 || stat.isDirectory()) {
            return true;
        }
        Inode inode = new Inode(stat.dev(), stat.ino);
        Long left = missing.get(inode);
        if (left == null) {
            missing.put(inode, stat.nlink - 1);
            return true;
        }
        if (left <= 1) {
            missing.remove(inode);
        } else {
            missing.put(inode, left - 1);
        }
        return false;
    }
}
