package dev.veneer.node.tree.rebase;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.ManifestReader;
import dev.veneer.node.tree.TreePath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * In which paths two bases differ, by their manifests alone. Immutable: worked out once for all slivers that move
 * between the two.
 */
public final class BaseDifference {
    private final List<Bytes> changed;
    private final Set<Bytes> added;
    private final long timesOnly;
    private final long oldBytes;

    private BaseDifference(List<Bytes> changed, Set<Bytes> added, long timesOnly, long oldBytes) {
        this.changed = changed;
        this.added = added;
        this.timesOnly = timesOnly;
        this.oldBytes = oldBytes;
    }

    /** Reads both manifests once, side by side. */
    public static BaseDifference between(ManifestReader oldBase, ManifestReader newBase)
            throws LinuxException, NodeException {
        List<Bytes> changed = new ArrayList<>();
        Set<Bytes> added = new HashSet<>();
        long timesOnly = 0;
        long oldBytes = 0;
        ManifestReader.Cursor olds = oldBase.entries();
        ManifestReader.Cursor news = newBase.entries();
        ManifestEntry one = olds.next();
        ManifestEntry other = news.next();
        while (one != null || other != null) {
            int order = order(one, other);
            if (order < 0 && one != null) {
                changed.add(one.path());
                oldBytes += bytes(one);
                one = olds.next();
            } else if (order > 0 && other != null) {
                changed.add(other.path());
                added.add(other.path());
                other = news.next();
            } else if (one != null && other != null) {
                if (!one.identity().equals(other.identity())) {
                    oldBytes += bytes(one);
                }
                if (!same(one, other)) {
                    changed.add(one.path());
                } else if (!one.identity().equals(other.identity())) {
                    timesOnly++;
                }
                one = olds.next();
                other = news.next();
            }
        }
        return new BaseDifference(List.copyOf(changed), added, timesOnly, oldBytes);
    }

    /** A file of several names is one file. */
    private static long bytes(ManifestEntry entry) {
        return entry.firstLink().isEmpty() ? entry.identity().size() : 0;
    }

    private static int order(@Nullable ManifestEntry one, @Nullable ManifestEntry other) {
        if (one == null || other == null) {
            return one == null ? 1 : -1;
        }
        return TreePath.compare(one.path().array(), other.path().array());
    }

    private static boolean same(ManifestEntry one, ManifestEntry other) {
        return one.identity().sameButTime(other.identity())
                && one.identity().size() == other.identity().size()
                && one.identity().content().equals(other.identity().content());
    }

    /** The paths that differ in more than their times, sorted. */
    public List<Bytes> changed() {
        return changed;
    }

    /** Whether only the new base has a path. */
    public boolean adds(byte[] path) {
        return added.contains(Bytes.wrap(path));
    }

    /** How many paths differ in their times alone. */
    public long timesOnly() {
        return timesOnly;
    }

    /** Bytes of the old base's files that the new one does not have just so, times included. */
    public long oldBytes() {
        return oldBytes;
    }

    /** Those of the changed paths that are a path or below it. */
    public List<Bytes> changedAt(byte[] path) {
        int from = ceiling(path);
        int to = from;
        while (to < changed.size() && TreePath.isAtOrBelow(changed.get(to).array(), path)) {
            to++;
        }
        return changed.subList(from, to);
    }

    /** Whether one of the changed paths is a path or below it. */
    public boolean changes(byte[] path) {
        int from = ceiling(path);
        return from < changed.size() && TreePath.isAtOrBelow(changed.get(from).array(), path);
    }

    private int ceiling(byte[] path) {
        int low = 0;
        int high = changed.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (TreePath.compare(changed.get(middle).array(), path) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
