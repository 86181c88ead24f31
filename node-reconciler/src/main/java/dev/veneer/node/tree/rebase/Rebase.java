package dev.veneer.node.tree.rebase;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.coupled.Claim;
import dev.veneer.node.tree.merge.Conflict;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.Outcome;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.Verdict;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.Recipe;
import dev.veneer.node.tree.rewrite.ViewPath;
import dev.veneer.node.tree.rewrite.ViewVisitor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides path by path what becomes of a sliver's view on another base: the verdict table of {@code docs/rebase.md}.
 * Looks only at what the sliver holds, and at the records of both bases there.
 */
final class Rebase implements ViewVisitor {
    private final BaseRecords newBase;
    private final BaseDifference difference;
    private final RebaseRules rules;
    private final Claimed claimed;
    private final Notes notes;
    private final Target target = new Target();
    private final Deque<Hidden> hidden = new ArrayDeque<>();

    Rebase(BaseRecords newBase, BaseDifference difference, RebaseRules rules, Claimed claimed, Notes notes) {
        this.newBase = newBase;
        this.difference = difference;
        this.rules = rules;
        this.claimed = claimed;
        this.notes = notes;
    }

    Target target() {
        return target;
    }

    /** Names that the new base adds in a directory that the sliver's owner replaced. */
    private static final class Hidden {
        final byte[] directory;
        final Deque<byte[]> paths;

        Hidden(byte[] directory, Deque<byte[]> paths) {
            this.directory = directory;
            this.paths = paths;
        }
    }

    @Override
    public void present(ViewPath path) throws LinuxException, NodeException {
        Target.Level above = target.level();
        if (above != null && above.given) {
            give(path);
            return;
        }
        hide(path.path());
        ManifestEntry renewed = renewed(path.path());
        if (path.identity().type() == FileType.DIRECTORY) {
            directory(path, renewed);
            return;
        }
        Claim claim = claimed.take(path.path());
        if (rules.pins(path.path())) {
            notes.add(path.path(), Verdict.KEPT, null, "", "pinned");
            keep(path, renewed);
        } else if (claim != null) {
            notes.add(claim);
            follow(path, renewed, claim.outcome());
        } else {
            PathVerdict verdict = file(path, renewed);
            if (verdict.verdict().isConflict()) {
                conflict(path, renewed, verdict.verdict());
            } else {
                if (verdict.verdict() != Verdict.FOLLOWED) {
                    notes.add(path.path(), verdict.verdict(), null, "", "");
                }
                follow(path, renewed, verdict.outcome());
            }
        }
    }

    /** The new base's record, where the directories above it are the new base's too. */
    private @Nullable ManifestEntry renewed(byte[] path) throws LinuxException, NodeException {
        Target.Level above = target.level();
        return above == null || above.renewed != null ? newBase.find(path) : null;
    }

    /** What lies in a directory that goes the new base's way. */
    private void give(ViewPath path) {
        if (path.identity().type() == FileType.DIRECTORY) {
            Target.Level level = new Target.Level(path.path(), path.identity(), null, path.identity());
            level.given = true;
            target.enter(level);
            hidden.push(new Hidden(path.path(), new ArrayDeque<>()));
        } else {
            notes.displace(path);
        }
    }

    private PathVerdict file(ViewPath path, @Nullable ManifestEntry renewed) throws LinuxException {
        Identity own = path.identity();
        ManifestEntry old = path.base();
        if (old == null) {
            if (renewed == null) {
                return PathVerdict.KEPT;
            }
            return equals(path, renewed.identity()) ? PathVerdict.CONVERGED : PathVerdict.conflict(Verdict.BOTH_ADDED);
        }
        boolean contentChanged = !path.hasContentOfBase();
        boolean metadataChanged = !own.sameDescription(old.identity());
        if (!contentChanged && !metadataChanged) {
            return PathVerdict.FOLLOWED;
        }
        boolean wasDirectory = old.identity().type() == FileType.DIRECTORY;
        if (wasDirectory ? !difference.changes(path.path()) : renewed != null && same(old, renewed)) {
            return PathVerdict.KEPT;
        }
        if (renewed == null) {
            return PathVerdict.conflict(Verdict.DELETED_IN_BASE);
        }
        if (equals(path, renewed.identity())) {
            return PathVerdict.CONVERGED;
        }
        if (wasDirectory || renewed.identity().type() == FileType.DIRECTORY) {
            return PathVerdict.conflict(Verdict.TYPE);
        }
        if (own.type() != renewed.identity().type()) {
            return PathVerdict.conflict(Verdict.BOTH_CHANGED);
        }
        return PathVerdict.bothChanged(
                PathVerdict.Both.of(
                        contentChanged,
                        !old.identity().sameContent(renewed.identity()),
                        sameContent(path, renewed.identity())),
                PathVerdict.Both.of(
                        metadataChanged,
                        !old.identity().sameDescription(renewed.identity()),
                        own.sameDescription(renewed.identity())));
    }

    private static boolean same(ManifestEntry one, ManifestEntry other) {
        return one.identity().sameDescription(other.identity())
                && one.identity().sameContent(other.identity());
    }

    private static boolean equals(ViewPath path, Identity other) throws LinuxException {
        return path.identity().sameDescription(other) && sameContent(path, other);
    }

    /** Times never decide. */
    private static boolean sameContent(ViewPath path, Identity other) throws LinuxException {
        Identity own = path.identity();
        return (own.type() == FileType.REGULAR && other.type() == FileType.REGULAR)
                ? own.size() == other.size() && path.digest().equals(other.content())
                : own.sameContent(other);
    }

    private void conflict(ViewPath path, @Nullable ManifestEntry renewed, Verdict kind) throws LinuxException {
        OnConflict settled = notes.settle(new Conflict(kind, List.of(Bytes.wrap(path.path())), ""));
        if (settled == OnConflict.TAKE_BASE) {
            notes.displace(path);
        } else {
            keep(path, renewed);
        }
    }

    /** Whether something may be held in the directory at hand; decides it where the new base has something else. */
    private boolean mayHold() {
        Target.Level level = target.contested();
        if (level == null) {
            return true;
        }
        level.contested = false;
        OnConflict settled = notes.settle(new Conflict(Verdict.TYPE, List.of(Bytes.wrap(level.path)), "changed below"));
        if (settled == OnConflict.TAKE_BASE) {
            target.give(level);
            return false;
        }
        return mayHold();
    }

    private void keep(ViewPath path, @Nullable ManifestEntry renewed) {
        if (!mayHold()) {
            notes.displace(path);
            return;
        }
        notes.written(path.allocated());
        target.file(path.path(), renewed != null);
    }

    private void follow(ViewPath path, @Nullable ManifestEntry renewed, Outcome outcome) {
        if (outcome instanceof Outcome.KeepSliver) {
            keep(path, renewed);
        } else if (outcome instanceof Outcome.Absent) {
            if (renewed != null) {
                target.delete(path.path());
            }
        } else if (outcome instanceof Outcome.Write write) {
            notes.written(write.content().length());
            target.file(path.path(), renewed != null, new Recipe.Content(write.content(), write.metadata()));
        } else if (outcome instanceof Outcome.Mixed mixed && renewed != null) {
            boolean ownContent = mixed.content() == Side.SLIVER;
            Identity content = ownContent ? path.identity() : renewed.identity();
            Identity metadata = ownContent ? renewed.identity() : path.identity();
            notes.written(ownContent ? path.allocated() : content.size());
            target.file(
                    path.path(),
                    true,
                    new Recipe.Copy(
                            ownContent ? Recipe.Place.STORE : Recipe.Place.NEW_BASE,
                            Bytes.wrap(path.path()),
                            content.describedAs(metadata)));
        }
    }

    private void directory(ViewPath path, @Nullable ManifestEntry renewed) throws LinuxException, NodeException {
        Identity own = path.identity();
        ManifestEntry old = path.base();
        boolean pinned = rules.pins(path.path());
        boolean wasDirectory = old != null && old.identity().type() == FileType.DIRECTORY;
        boolean isDirectory = renewed != null && renewed.identity().type() == FileType.DIRECTORY;
        boolean changed = old == null || !wasDirectory || !own.sameDescription(old.identity());
        Deque<byte[]> hides = new ArrayDeque<>();
        if (renewed != null && isDirectory) {
            Identity described = described(path, wasDirectory ? old : null, renewed.identity(), changed, pinned);
            target.enter(new Target.Level(path.path(), own, renewed.identity(), described));
            if (pinned || !described.sameDescription(renewed.identity())) {
                target.holdDirectory();
            }
            if (path.isOpaque()) {
                hides.addAll(added(path.path()));
            }
        } else {
            Target.Level level = new Target.Level(path.path(), own, null, own);
            Verdict kind = contradiction(old, renewed, changed);
            if (wasDirectory && !changed && renewed != null && !pinned) {
                level.contested = true;
                kind = null;
            }
            boolean unchangedFile = old != null && !wasDirectory && renewed != null && same(old, renewed);
            if (kind == null || pinned || unchangedFile) {
                level.given = changed && !mayHold();
                target.enter(level);
                if (changed && !level.given) {
                    notes.add(path.path(), Verdict.KEPT, null, "", pinned ? "pinned" : "");
                    target.holdDirectory();
                }
            } else {
                OnConflict settled = notes.settle(new Conflict(kind, List.of(Bytes.wrap(path.path())), ""));
                level.given = settled == OnConflict.TAKE_BASE;
                target.enter(level);
                if (!level.given) {
                    target.holdDirectory();
                }
            }
        }
        hidden.push(new Hidden(path.path(), hides));
    }

    /** What it means that the sliver has a directory where the new base has none, or null when it means nothing. */
    private static @Nullable Verdict contradiction(
            @Nullable ManifestEntry old, @Nullable ManifestEntry renewed, boolean changed) {
        if (renewed != null) {
            return old == null ? Verdict.BOTH_ADDED : Verdict.TYPE;
        }
        return old != null && changed ? Verdict.DELETED_IN_BASE : null;
    }

    /** Owner, mode and attributes of a directory that the sliver and the new base have. */
    private Identity described(
            ViewPath path, @Nullable ManifestEntry old, Identity renewed, boolean changed, boolean pinned) {
        Identity own = path.identity();
        if (pinned) {
            notes.add(path.path(), Verdict.KEPT, null, "", "pinned");
            return own;
        }
        if (!changed || own.sameDescription(renewed)) {
            return renewed;
        }
        if (old != null && old.identity().sameDescription(renewed)) {
            notes.add(path.path(), Verdict.KEPT, null, "", "");
            return own;
        }
        Verdict kind = old == null ? Verdict.BOTH_ADDED : Verdict.BOTH_CHANGED;
        OnConflict settled = notes.settle(
                new Conflict(kind, List.of(Bytes.wrap(path.path())), "owner, mode or attributes of the directory"));
        return settled == OnConflict.TAKE_BASE ? renewed : own;
    }

    /** What the new base adds directly in a directory. */
    private Deque<byte[]> added(byte[] directory) throws LinuxException, NodeException {
        Deque<byte[]> paths = new ArrayDeque<>();
        for (Bytes name : newBase.names(directory)) {
            byte[] path = TreePath.join(directory, name.array());
            if (difference.adds(path)) {
                paths.add(path);
            }
        }
        return paths;
    }

    /** Decides what the new base adds, up to a path, where the owner's directory hides the base's. */
    private void hide(byte @Nullable [] upTo) throws LinuxException, NodeException {
        Hidden top = hidden.peek();
        while (top != null && !top.paths.isEmpty()) {
            int order = upTo == null ? -1 : TreePath.compare(top.paths.element(), upTo);
            if (order > 0) {
                return;
            }
            byte[] path = top.paths.remove();
            if (order < 0) {
                OnConflict settled = notes.settle(new Conflict(
                        Verdict.HIDDEN,
                        List.of(Bytes.wrap(path)),
                        "new in " + TreePath.show(top.directory) + ", which the sliver replaced"));
                if (settled != OnConflict.TAKE_BASE) {
                    target.delete(path);
                }
            }
        }
    }

    @Override
    public void absent(ManifestEntry record) throws LinuxException, NodeException {
        byte[] path = record.path().array();
        Target.Level above = target.level();
        if (above != null && above.given) {
            return;
        }
        hide(path);
        ManifestEntry renewed = renewed(path);
        Claim claim = claimed.take(path);
        if (rules.pins(path)) {
            notes.add(path, Verdict.KEPT, null, "", "pinned");
            deleteIf(renewed != null, path);
        } else if (claim != null) {
            boolean gone = claim.outcome() instanceof Outcome.KeepSliver || claim.outcome() instanceof Outcome.Absent;
            if (claim.outcome() instanceof Outcome.Write) {
                claimed.putBack(claim);
            } else {
                notes.add(claim);
                deleteIf(gone && renewed != null, path);
            }
        } else if (renewed == null) {
            notes.add(path, Verdict.CONVERGED, null, "", "deleted on both sides");
        } else {
            List<Bytes> changed = difference.changedAt(path);
            if (changed.isEmpty()) {
                notes.add(path, Verdict.KEPT, null, "", "deleted");
                target.delete(path);
            } else {
                OnConflict settled = notes.settle(new Conflict(Verdict.DELETED_IN_SLIVER, changed, ""));
                deleteIf(settled != OnConflict.TAKE_BASE, path);
            }
        }
    }

    private void deleteIf(boolean wanted, byte[] path) {
        if (wanted) {
            target.delete(path);
        }
    }

    @Override
    public void leave(byte[] directory) throws LinuxException, NodeException {
        hide(null);
        hidden.pop();
        target.leave();
    }
}
