package dev.veneer.node.tree.coupled.record;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.merge.MergeTree;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.ThreeTrees;
import org.jspecify.annotations.Nullable;

/** Which side changed a path. Times never count. */
public final class Difference {
    private Difference() {}

    /** Whether two versions of a path are one: both absent, or of the same type, content, owner, mode and attributes. */
    public static boolean same(@Nullable Identity a, @Nullable Identity b) {
        return sameContent(a, b) && (a == null || b == null || sameMetadata(a, b));
    }

    /** Whether two versions are of one type and hold the same; both absent counts. What was not read is like no other. */
    public static boolean sameContent(@Nullable Identity a, @Nullable Identity b) {
        if (a == null || b == null) {
            return a == null && b == null;
        }
        return a.type() == b.type()
                && a.size() == b.size()
                && (a.size() == 0 || (!a.content().isEmpty() && a.content().equals(b.content())))
                && a.target().equals(b.target())
                && a.deviceMajor() == b.deviceMajor()
                && a.deviceMinor() == b.deviceMinor();
    }

    /** Whether owner, mode, flags and attributes are the same. */
    public static boolean sameMetadata(Identity a, Identity b) {
        return a.permissions() == b.permissions()
                && a.uid() == b.uid()
                && a.gid() == b.gid()
                && a.flags() == b.flags()
                && a.xattrs().equals(b.xattrs());
    }

    /** Whether a side has the path otherwise than the old base. */
    public static boolean changed(ThreeTrees trees, Side side, Bytes path) throws LinuxException, NodeException {
        return !same(trees.oldBase().find(path), trees.of(side).find(path));
    }

    /** Whether the sliver and the new base have the path differently. */
    public static boolean apart(ThreeTrees trees, Bytes path) throws LinuxException, NodeException {
        return !same(trees.newBase().find(path), trees.sliver().find(path));
    }

    /**
     * Which side a path follows where nobody but it decides, or null for a conflict.
     *
     * @return {@link Side#NEW_BASE}, {@link Side#SLIVER} or null
     */
    public static @Nullable Side followed(
            @Nullable Identity oldBase, @Nullable Identity newBase, @Nullable Identity sliver) {
        if (same(oldBase, sliver) || same(newBase, sliver)) {
            return Side.NEW_BASE;
        }
        return same(oldBase, newBase) ? Side.SLIVER : null;
    }

    /** The same, of a path. */
    public static @Nullable Side followed(ThreeTrees trees, Bytes path) throws LinuxException, NodeException {
        return followed(
                trees.oldBase().find(path),
                trees.newBase().find(path),
                trees.sliver().find(path));
    }

    /** Whether both sides changed one of the paths at least, not necessarily the same one. */
    public static boolean bothChanged(ThreeTrees trees, Iterable<Bytes> paths) throws LinuxException, NodeException {
        MergeTree old = trees.oldBase();
        boolean base = false;
        boolean sliver = false;
        for (Bytes path : paths) {
            Identity before = old.find(path);
            base |= !same(before, trees.newBase().find(path));
            sliver |= !same(before, trees.sliver().find(path));
            if (base && sliver) {
                return true;
            }
        }
        return false;
    }
}
