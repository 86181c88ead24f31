package dev.veneer.node.tree.rebase;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.ContentHasher;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.LongWork;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.ManifestReader;
import dev.veneer.node.tree.TreeLimits;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.TreeWalker;
import dev.veneer.node.tree.merge.MergeTree;
import dev.veneer.node.tree.rewrite.BaseLinks;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.OpenTree;
import dev.veneer.node.tree.rewrite.Recipe;
import dev.veneer.node.tree.rewrite.Steps;
import dev.veneer.node.tree.rewrite.ViewDifference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the mounted view of a sliver that was moved, and compares it with what was decided, path by path: by what the
 * kernel shows, not by what the writer believes it wrote.
 */
public final class RebaseCheck implements AutoCloseable {
    private static final int MOST = 20;

    private final LinuxCalls calls;
    private final RebasePlan plan;
    private final BaseRecords newBase;
    private final OpenTree held;
    private final Map<Recipe.Place, MergeTree> places;
    private final OpenTree after;
    private final boolean contents;
    private final LinkCheck links;
    private final List<ViewDifference> differences = new ArrayList<>();

    /**
     * A comparison.
     *
     * @param held what the sliver's old revision holds: an upper directory or a whole tree
     * @param old the old base
     * @param renewed the new base
     * @param after the new view, mounted
     * @param contents whether all files are read; without, equal sizes are enough but for what was written
     * @param scratchDirectory a directory of ours where scratch files may be made
     */
    public RebaseCheck(
            LinuxCalls calls,
            RebasePlan plan,
            BaseRecords newBase,
            OpenTree held,
            MergeTree old,
            MergeTree renewed,
            OpenTree after,
            boolean contents,
            int scratchDirectory) {
        this.links = new LinkCheck(calls, scratchDirectory);
        this.calls = calls;
        this.plan = plan;
        this.newBase = newBase;
        this.held = held;
        this.places = Map.of(Recipe.Place.STORE, held, Recipe.Place.OLD_BASE, old, Recipe.Place.NEW_BASE, renewed);
        this.after = after;
        this.contents = contents;
    }

    /** Looks at what was written, and at the paths in which the bases differ. */
    public List<ViewDifference> touched(BaseDifference difference) throws LinuxException, NodeException {
        Iterator<Bytes> changed = difference.changed().iterator();
        check(() -> changed.hasNext() ? changed.next() : null);
        return List.copyOf(differences);
    }

    /**
     * Looks at everything.
     *
     * @param root of the new view, open
     */
    public List<ViewDifference> whole(int root) throws LinuxException, NodeException {
        check(entries());
        unexpected(root);
        return List.copyOf(differences);
    }

    /**
     * Makes sure that the new base can give what the sliver's own copy is given up for: the store's files of which
     * nothing is held any more, and of which the new base's are perhaps as nobody has read them since they were imported.
     *
     * @param layer the old revision's upper directory, open
     * @throws NodeException {@code Damaged} when one of them is not as it was
     */
    public void dropped(int layer) throws LinuxException, NodeException {
        Steps.Cursor steps = plan.steps().cursor();
        boolean[] more = {steps.next()};
        new TreeWalker(calls, TreeLimits.DEFAULT).walk(layer, entry -> {
            while (more[0] && TreePath.compare(steps.path(), entry.path()) < 0) {
                more[0] = steps.next();
            }
            boolean isHeld = more[0] && Arrays.equals(steps.path(), entry.path());
            if (!isHeld && entry.stat().isRegular()) {
                requireReadable(Bytes.wrap(entry.path()), entry.stat().size);
            }
            return true;
        });
    }

    /** Reads a file of the new view, where it can be the same as one of this size. */
    private void requireReadable(Bytes path, long size) throws LinuxException, NodeException {
        ManifestEntry entry = newBase.find(path.array());
        if (entry == null
                || entry.identity().type() != FileType.REGULAR
                || entry.identity().size() != size) {
            return;
        }
        Identity found = after.described(path.array());
        if (found != null
                && !after.hashed(path, found).content().equals(entry.identity().content())) {
            throw new NodeException(
                    Reason.Damaged,
                    Follow.STALLED,
                    TreePath.show(path.array())
                            + " of the new base is not as it was imported, and the sliver's own copy"
                            + " would be given up for it: the sliver stays as it was; see veneer store check --contents");
        }
    }

    /** Paths in the order of a manifest, then null. */
    private interface Paths {
        @Nullable
        Bytes next() throws LinuxException, NodeException;
    }

    private Paths entries() throws LinuxException, NodeException {
        ManifestReader.Cursor entries = newBase.entries();
        return () -> {
            ManifestEntry entry = entries.next();
            return entry == null ? null : entry.path();
        };
    }

    /** Goes through the steps and through paths of the new base, which are as that has them unless a step speaks of them. */
    private void check(Paths based) throws LinuxException, NodeException {
        Steps.Cursor steps = plan.steps().cursor();
        boolean more = steps.next();
        Bytes path = based.next();
        // What lies below it in the base is not seen.
        byte[] covered = null;
        while (more || path != null) {
            LongWork.passed();
            int order = !more ? 1 : path == null ? -1 : TreePath.compare(steps.path(), path.array());
            if (order > 0 && path != null) {
                if (covered == null || !TreePath.isBelow(path.array(), covered)) {
                    ManifestEntry entry = newBase.find(path.array());
                    boolean same = compare(
                            path,
                            entry == null ? null : entry.identity(),
                            entry == null || !contents ? null : content(entry.identity()));
                    if (same && entry != null && newBase.links().count(entry) > 1) {
                        links(path, links.based(BaseLinks.first(entry)));
                    }
                }
                path = based.next();
                continue;
            }
            Bytes held = Bytes.wrap(steps.path());
            switch (steps.kind()) {
                case DELETE -> {
                    compare(held, null, null);
                    covered = steps.path();
                }
                case FILE -> {
                    written(held);
                    covered = steps.path();
                }
                case DIRECTORY -> written(held);
                case SAME -> {
                    // only compactions have these
                }
            }
            more = steps.next();
            path = order == 0 ? based.next() : path;
        }
    }

    private void written(Bytes path) throws LinuxException, NodeException {
        Recipe recipe = plan.recipes().get(path);
        if (recipe instanceof Recipe.Described described) {
            compare(path, described.identity(), null);
        } else if (recipe instanceof Recipe.Content content) {
            Bytes digest =
                    Bytes.wrap(ContentHasher.sha256().digest(content.content().array()));
            compare(path, sized(content.identity(), content.content().length()), digest);
        } else if (recipe instanceof Recipe.Copy copy) {
            if (copy.from() == Recipe.Place.STORE) {
                copied(path, copy.path(), copy.identity(), compare(path, copy.identity(), null));
            } else {
                compare(path, copy.identity(), digest(places.get(copy.from()), copy.path(), copy.identity()));
            }
        } else {
            Bytes from = recipe instanceof Recipe.Moved moved ? moved.path() : path;
            Identity identity = held.described(from.array());
            LinkCheck.Group group =
                    identity == null || identity.type() == FileType.DIRECTORY ? null : LinkCheck.held(held.last());
            boolean same = compare(path, identity, null);
            if (same && group != null) {
                links(path, group);
            }
            copied(path, from, identity, same);
        }
    }

    /** What was copied from the old revision is read, or is of the very same blocks: that alone tells that it came over. */
    private void copied(Bytes path, Bytes from, @Nullable Identity identity, boolean same)
            throws LinuxException, NodeException {
        if (same
                && identity != null
                && identity.type() == FileType.REGULAR
                && identity.size() > 0
                && !after.hasContentOf(held, path, from, identity.size())) {
            differ(path, "has another content");
        }
    }

    private static Identity sized(Identity identity, long size) {
        return new Identity(
                identity.type(),
                identity.permissions(),
                identity.uid(),
                identity.gid(),
                identity.mtimeSec(),
                identity.mtimeNsec(),
                identity.flags(),
                identity.xattrs(),
                size,
                Bytes.EMPTY,
                Bytes.EMPTY,
                0,
                0);
    }

    private @Nullable Bytes digest(@Nullable MergeTree tree, Bytes path, Identity identity)
            throws LinuxException, NodeException {
        if (identity.type() != FileType.REGULAR || tree == null) {
            return null;
        }
        // What a base's file must hold, its manifest says.
        Identity whole = tree.find(path);
        return whole == null ? null : whole.content();
    }

    private static @Nullable Bytes content(Identity identity) {
        return identity.type() == FileType.REGULAR ? identity.content() : null;
    }

    /** Paths that nobody decided on. */
    private void unexpected(int root) throws LinuxException, NodeException {
        Steps.Cursor steps = plan.steps().cursor();
        Paths based = entries();
        boolean[] more = {steps.next()};
        Bytes[] path = {based.next()};
        TreeWalker.ofView(calls, TreeLimits.DEFAULT).walk(root, entry -> {
            while (more[0] && TreePath.compare(steps.path(), entry.path()) < 0) {
                more[0] = steps.next();
            }
            while (path[0] != null && TreePath.compare(path[0].array(), entry.path()) < 0) {
                path[0] = based.next();
            }
            boolean decided = (more[0] && Arrays.equals(steps.path(), entry.path()))
                    || (path[0] != null && Arrays.equals(path[0].array(), entry.path()));
            if (!decided && differences.size() < MOST) {
                differ(Bytes.wrap(entry.path()), "should not be there");
            }
            return true;
        });
    }

    /**
     * Compares.
     *
     * @param wanted what must be there, or null for nothing
     * @param digest of its content, or null when that is not looked at
     * @return whether it is so
     */
    private boolean compare(Bytes path, @Nullable Identity wanted, @Nullable Bytes digest)
            throws LinuxException, NodeException {
        if (differences.size() >= MOST) {
            return false;
        }
        Identity found = after.described(path.array());
        if (wanted == null || found == null) {
            if (wanted != null || found != null) {
                differ(path, wanted == null ? "should not be there" : "is missing");
            }
            return wanted == null && found == null;
        }
        if (!found.sameMetadata(wanted) || found.size() != wanted.size()) {
            differ(path, "is " + found + " and must be " + wanted);
            return false;
        }
        if (digest != null
                && wanted.type() == FileType.REGULAR
                && !after.hashed(path, found).content().equals(digest)) {
            differ(path, "has another content");
            return false;
        }
        return true;
    }

    private void links(Bytes path, LinkCheck.Group group) throws LinuxException {
        if (after.described(path.array()) != null && !links.isRight(after.last(), group)) {
            differ(path, "is a hard link of other paths than was decided");
        }
    }

    @Override
    public void close() {
        links.close();
    }

    private void differ(Bytes path, String what) {
        differences.add(new ViewDifference(path, what));
    }
}
