package dev.veneer.node.tree.rebase;

import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether paths that are to be hard links of one file are, and no others. */
final class LinkCheck {
    /** A file of a view. */
    private record Inode(long device, long number) {
        static Inode of(Statx stat) {
            return new Inode(stat.dev(), stat.ino);
        }
    }

    private final Map<Bytes, Inode> byGroup = new HashMap<>();
    private final Map<Inode, Bytes> groups = new HashMap<>();

    /** Names the group of a file of the sliver's old revision; null when it has one name. */
    static @Nullable Bytes held(Statx stat) {
        return stat.nlink <= 1 ? null : Bytes.utf8("held:" + stat.dev() + ":" + stat.ino);
    }

    /** Names a group of the new base. */
    static Bytes based(Bytes first) {
        return Bytes.utf8("base:" + first.hex());
    }

    /** Whether a path is in its group and in no other, as far as those that were met before tell. */
    boolean isRight(Statx found, Bytes group) {
        Inode inode = Inode.of(found);
        Inode before = byGroup.putIfAbsent(group, inode);
        Bytes other = groups.putIfAbsent(inode, group);
        return (before == null || before.equals(inode)) && (other == null || other.equals(group));
    }
}
