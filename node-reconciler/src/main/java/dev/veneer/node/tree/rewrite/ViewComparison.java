package dev.veneer.node.tree.rewrite;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.DirectoryNames;
import dev.veneer.node.tree.FileContent;
import dev.veneer.node.tree.LayerEntry;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreeLimits;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.TreeWalker;
import dev.veneer.node.tree.Unreadable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Compares two mounted views that must be the same, so that a fault of the engine is found before the new one is taken
 * into use: by what the kernel shows, not by what the engine believes. Looked at are given paths, the names in those
 * that are directories, and the groups of hard links that they belong to.
 */
public final class ViewComparison implements AutoCloseable {
    private static final int MOST = 20;

    private final LinuxCalls calls;
    private final BaseRecords base;
    private final boolean contents;
    private final Descent before;
    private final Descent after;
    private final SafeOpen open;
    private final FileContent files;
    private final Statx beforeStat = new Statx();
    private final Statx afterStat = new Statx();
    private final InodePairs pairs;
    private final Set<Bytes> groups = new LinkedHashSet<>();
    private final List<ViewDifference> differences = new ArrayList<>();

    /**
     * A comparison.
     *
     * @param base of the view that comes after
     * @param before the root of one view, open
     * @param after the root of the other, open
     * @param contents whether all files are read; without, equal sizes are enough but for what was written
     * @param scratchDirectory a directory of ours where scratch files may be made
     */
    public ViewComparison(
            LinuxCalls calls, BaseRecords base, int before, int after, boolean contents, int scratchDirectory) {
        this.pairs = new InodePairs(calls, scratchDirectory);
        this.calls = calls;
        this.base = base;
        this.contents = contents;
        this.before = new Descent(calls, before);
        this.after = new Descent(calls, after);
        this.open = new SafeOpen(calls);
        this.files = new FileContent(calls);
    }

    /**
     * Looks at every path that an upper directory has, whiteouts among them.
     *
     * @param written what was written for the view that comes after
     */
    public List<ViewDifference> touchedBy(int upper, Steps written) throws LinuxException, NodeException {
        return walked(new TreeWalker(calls, TreeLimits.DEFAULT), upper, written);
    }

    private List<ViewDifference> walked(TreeWalker walker, int tree, Steps written)
            throws LinuxException, NodeException {
        Steps.Cursor steps = written.cursor();
        boolean[] more = {steps.next()};
        walker.walk(tree, entry -> {
            while (more[0] && TreePath.compare(steps.path(), entry.path()) < 0) {
                more[0] = steps.next();
            }
            check(entry.path(), more[0] && Arrays.equals(steps.path(), entry.path()));
            return true;
        });
        return end();
    }

    /** Looks at every path that has a step. */
    public List<ViewDifference> touchedBy(Steps steps) throws LinuxException, NodeException {
        steps.forEach((kind, path) -> check(path, true));
        return end();
    }

    /**
     * Looks at every path of the view that comes before.
     *
     * @param written what was written for the one that comes after
     */
    public List<ViewDifference> whole(int view, Steps written) throws LinuxException, NodeException {
        return walked(TreeWalker.ofView(calls, TreeLimits.DEFAULT), view, written);
    }

    private List<ViewDifference> end() throws LinuxException, NodeException {
        for (Bytes first : List.copyOf(groups)) {
            for (Bytes member : base.links().group(first)) {
                check(member.array(), false);
            }
        }
        return List.copyOf(differences);
    }

    /** @param written whether it was made for the view that comes after, so that it may hold something else */
    private void check(byte[] path, boolean written) throws LinuxException, NodeException {
        if (differences.size() >= MOST) {
            return;
        }
        int one = parent(before, path, beforeStat);
        int other = parent(after, path, afterStat);
        if (one < 0 || other < 0) {
            if (one >= 0 || other >= 0) {
                differ(path, one >= 0 ? "is missing" : "should not be there");
            }
            return;
        }
        byte[] name = TreePath.name(path);
        LayerEntry mine = LayerEntry.read(calls, false, one, name, beforeStat);
        LayerEntry theirs = LayerEntry.read(calls, false, other, name, afterStat);
        if (!mine.identity().equals(theirs.identity())) {
            differ(path, "is " + theirs.identity() + " and must be " + mine.identity());
        } else if (beforeStat.isDirectory()) {
            if (!sameNames(before.directory(path), after.directory(path))) {
                differ(path, "has other names in it");
            }
        } else {
            boolean read = (contents || written) && beforeStat.isRegular() && beforeStat.size > 0 && !isOneFile();
            if (read && !sameContent(one, other, name)) {
                differ(path, "has another content");
            }
            links(path);
        }
    }

    /** Whether both views show one file, as of what is linked or left alone: nobody can set the time of the last change. */
    private boolean isOneFile() {
        return beforeStat.ino == afterStat.ino
                && beforeStat.ctimeSec == afterStat.ctimeSec
                && beforeStat.ctimeNsec == afterStat.ctimeNsec
                && beforeStat.size == afterStat.size
                && beforeStat.nlink == afterStat.nlink;
    }

    private boolean sameContent(int one, int other, byte[] name) throws LinuxException {
        int mine = open.regular(one, name, new Statx());
        try {
            int theirs = open.regular(other, name, new Statx());
            try {
                return files.equal(mine, theirs, beforeStat.size);
            } finally {
                calls.close(theirs);
            }
        } finally {
            calls.close(mine);
        }
    }

    /** The directory that holds a path in a view, with its status filled in; -1 when the view does not have the path. */
    private int parent(Descent view, byte[] path, Statx stat) throws LinuxException, NodeException {
        try {
            int directory = view.parentOf(path);
            byte[] name = TreePath.name(path);
            calls.statx(
                    directory,
                    name.length == 0 ? new byte[] {'.'} : name,
                    Abi.AT_SYMLINK_NOFOLLOW,
                    Abi.STATX_BASIC_STATS,
                    stat);
            return directory;
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                return -1;
            }
            if (view == before && Unreadable.is(e)) {
                throw Unreadable.refused(path, e);
            }
            throw e;
        }
    }

    /** Names that are only listed, and that nobody can reach, were never seen. */
    private boolean sameNames(int one, int other) throws LinuxException {
        DirectoryNames mine = names(one);
        DirectoryNames theirs = names(other);
        if (mine.sameAs(theirs)) {
            return true;
        }
        int at = 0;
        for (int i = 0; i < mine.count(); i++) {
            if (at < theirs.count() && Arrays.equals(mine.name(i), theirs.name(at))) {
                at++;
            } else if (exists(one, mine.name(i))) {
                return false;
            }
        }
        return at == theirs.count();
    }

    private boolean exists(int directory, byte[] name) throws LinuxException {
        try {
            calls.statx(directory, name, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, new Statx());
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
    }

    private DirectoryNames names(int directory) throws LinuxException {
        calls.lseek(directory, 0, Abi.SEEK_SET);
        return DirectoryNames.all(calls, directory);
    }

    /** Paths that were one file must be one file, and no others. */
    private void links(byte[] path) throws LinuxException, NodeException {
        if (beforeStat.nlink <= 1 && afterStat.nlink <= 1) {
            return;
        }
        if (!pairs.met(beforeStat, afterStat)) {
            differ(path, "is a hard link of other paths than before");
        }
        ManifestEntry record = base.find(path);
        if (record != null && base.links().count(record) > 1) {
            groups.add(BaseLinks.first(record));
        }
    }

    private void differ(byte[] path, String what) {
        differences.add(new ViewDifference(Bytes.wrap(path), what));
    }

    @Override
    public void close() {
        before.close();
        after.close();
        pairs.close();
    }
}
