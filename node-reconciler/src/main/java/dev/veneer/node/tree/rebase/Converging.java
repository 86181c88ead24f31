package dev.veneer.node.tree.rebase;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.merge.Verdict;
import dev.veneer.node.tree.rewrite.BaseLinks;
import dev.veneer.node.tree.rewrite.ForeignLayerException;
import dev.veneer.node.tree.rewrite.ViewPath;
import dev.veneer.node.tree.rewrite.ViewReader;
import dev.veneer.node.tree.rewrite.ViewVisitor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Files of several names in the sliver of which the new base has an equal one at a path at least. Such a file is the new
 * base's only as a whole, where that has one file at all of its paths too: otherwise it would fall apart into two.
 */
final class Converging implements ViewVisitor {
    private record Inode(long device, long number) {
        static Inode of(Statx stat) {
            return new Inode(stat.dev(), stat.ino);
        }
    }

    private static final class File {
        final List<Bytes> paths = new ArrayList<>();
        /** Of which the new base has an equal file, by that one's first path. */
        final Set<Bytes> based = new HashSet<>();

        long allocated;
        long names;
    }

    private final Map<Inode, File> files = new HashMap<>();

    /** A path of such a file at which the new base has the same. */
    void met(ViewPath path, ManifestEntry renewed) {
        File file = files.computeIfAbsent(Inode.of(path.stat()), inode -> new File());
        file.paths.add(Bytes.wrap(path.path()));
        file.based.add(BaseLinks.first(renewed));
        file.allocated += path.allocated();
    }

    /**
     * Says of all of them whether they are the new base's.
     *
     * @param view is read once more, for their other names, if there are any
     * @return the paths that need not be held
     */
    Set<Bytes> settle(ViewReader view, Notes notes) throws LinuxException, NodeException, ForeignLayerException {
        Set<Bytes> dropped = new HashSet<>();
        if (!files.isEmpty()) {
            view.read(this);
        }
        for (File file : files.values()) {
            boolean whole = file.names == file.paths.size() && file.based.size() == 1;
            for (Bytes path : file.paths) {
                if (whole) {
                    notes.add(path.array(), Verdict.CONVERGED, null, "", "");
                } else {
                    notes.add(path.array(), Verdict.KEPT, null, "", "one file with other paths");
                }
            }
            if (whole) {
                dropped.addAll(file.paths);
            } else {
                notes.written(file.allocated);
            }
        }
        return dropped;
    }

    @Override
    public void present(ViewPath path) {
        if (path.stat().nlink > 1 && !path.stat().isDirectory()) {
            File file = files.get(Inode.of(path.stat()));
            if (file != null) {
                file.names++;
            }
        }
    }

    @Override
    public void absent(ManifestEntry record) {
        // only what is there has a file
    }
}
