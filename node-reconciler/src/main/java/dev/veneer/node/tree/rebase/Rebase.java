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
 * Decides path by path what becomes of a sliver's view on another base, in the order of a manifest: pins first, then what
 * mergers claim, then the verdict table of {@code docs/rebase.md}. Looks only at what the sliver holds and what is
 * claimed, and at the records of both bases there.
 */
final class Rebase implements ViewVisitor {
    private final BaseRecords newBase;
    private final BaseDifference difference;
    private final RebaseRules rules;
    private final Claimed claimed;
    private final Notes notes;
    private final Target target;
    private final Untold untold;
    private final Converging converging;
    private final Deque<Hidden> hidden = new ArrayDeque<>();

    Rebase(
            BaseRecords oldBase,
            BaseRecords newBase,
            BaseDifference difference,
            RebaseRules rules,
            Claimed claimed,
            Notes notes) {
        this.newBase = newBase;
        this.difference = difference;
        this.rules = rules;
        this.claimed = claimed;
        this.notes = notes;
        this.target = new Target(newBase, notes);
        this.untold = new Untold(oldBase, newBase, difference, rules, claimed, notes, target);
        this.converging = new Converging();
    }

    Target target() {
        return target;
    }

    /** Files of several names that both sides came to have. */
    Converging converging() {
        return converging;
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

    /** Who decides a path before the table does: a pin, a merger, or nobody. */
    private record Ruling(boolean pinned, @Nullable Claim claim) {
        /** What a merger makes of the path; null when none decides it. */
        @Nullable
        Outcome outcome() {
            return claim == null ? null : claim.outcome();
        }
    }

    private Ruling ruling(byte[] path) {
        Claim claim = claimed.take(path);
        boolean pinned = rules.pins(path);
        return new Ruling(pinned, pinned ? null : claim);
    }

    @Override
    public void present(ViewPath path) throws LinuxException, NodeException {
        upTo(path.path());
        Ruling ruling = ruling(path.path());
        boolean isDirectory = path.identity().type() == FileType.DIRECTORY;
        if (target.isGiven() && !ruling.pinned()) {
            give(path, isDirectory);
        } else if (isDirectory) {
            directory(path, renewed(path.path()), ruling);
            boolean replaced = path.isOpaque() && !target.isClosed();
            hidden.push(new Hidden(path.path(), replaced ? added(path.path()) : new ArrayDeque<>()));
        } else {
            file(path, renewed(path.path()), ruling);
        }
        if (!isDirectory) {
            untold.metFile(path.path());
        }
    }

    /** The new base's record, where the directories above it are the new base's too. */
    private @Nullable ManifestEntry renewed(byte[] path) throws LinuxException, NodeException {
        Target.Level above = target.level();
        return above == null || above.renewed != null ? newBase.find(path) : null;
    }

    /** What lies in a directory that goes the new base's way. */
    private void give(ViewPath path, boolean isDirectory) throws LinuxException {
        if (isDirectory) {
            Target.Level level = new Target.Level(path.path(), path.identity(), null, path.identity(), false);
            level.given = true;
            target.enter(level);
            hidden.push(new Hidden(path.path(), new ArrayDeque<>()));
        } else if (FileTable.isChanged(path)) {
            displace(path);
        }
    }

    /** Lays the sliver's version aside for a conflict of a directory above it. */
    private void displace(ViewPath path) {
        notes.displace(path);
        notes.add(path.path(), Verdict.DISPLACED, null, "", "its directory goes the new base's way");
    }

    private void file(ViewPath path, @Nullable ManifestEntry renewed, Ruling ruling)
            throws LinuxException, NodeException {
        Claim claim = ruling.claim();
        boolean onDirectory =
                claim != null && claim.outcome() instanceof Outcome.Write && FileTable.isDirectory(renewed);
        if (ruling.pinned()) {
            notes.add(path.path(), Verdict.KEPT, null, "", "pinned");
            hold(path, renewed);
        } else if (claim != null && !onDirectory) {
            notes.add(claim);
            if (notes.laysAside(claim) && FileTable.isChanged(path)) {
                notes.displace(path);
            }
            if (claim.outcome() instanceof Outcome.TakeNew) {
                untold.show(path.path(), renewed);
            } else {
                follow(path, renewed, claim.outcome());
            }
        } else {
            table(path, renewed);
        }
    }

    private void table(ViewPath path, @Nullable ManifestEntry renewed) throws LinuxException, NodeException {
        PathVerdict found = FileTable.verdict(path, renewed, difference);
        Verdict verdict = found.verdict();
        if (verdict.isConflict()) {
            OnConflict settled = notes.settle(new Conflict(verdict, List.of(Bytes.wrap(path.path())), ""));
            if (settled == OnConflict.TAKE_BASE) {
                notes.displace(path);
                untold.show(path.path(), renewed);
            } else {
                keep(path, renewed);
            }
        } else if (verdict == Verdict.CONVERGED && renewed != null && path.stat().nlink > 1) {
            // Whether all names of the file converge is only known when all were met.
            converging.met(path, renewed);
            target.file(path.path(), true);
        } else if (verdict != Verdict.FOLLOWED) {
            if (found.outcome() instanceof Outcome.TakeNew) {
                untold.show(path.path(), renewed);
            }
            if (follow(path, renewed, found.outcome())) {
                notes.add(path.path(), verdict, null, "", "");
            }
        }
    }

    private void hold(ViewPath path, @Nullable ManifestEntry renewed) throws LinuxException, NodeException {
        notes.written(path.allocated());
        target.file(path.path(), renewed != null);
    }

    /** Whether it is held; it is laid aside otherwise. */
    private boolean keep(ViewPath path, @Nullable ManifestEntry renewed) throws LinuxException, NodeException {
        if (!target.mayHold()) {
            displace(path);
            return false;
        }
        hold(path, renewed);
        return true;
    }

    /** Does what was decided of a file; whether that came to be. */
    private boolean follow(ViewPath path, @Nullable ManifestEntry renewed, Outcome outcome)
            throws LinuxException, NodeException {
        if (outcome instanceof Outcome.Absent) {
            untold.leaveOut(path.path(), renewed);
        } else if (outcome instanceof Outcome.Write write) {
            if (!target.mayHold()) {
                displace(path);
                return false;
            }
            untold.write(path.path(), write, renewed != null);
        } else if (outcome instanceof Outcome.Mixed mixed && renewed != null) {
            mix(path, renewed, mixed.content() == Side.SLIVER);
        } else if (!(outcome instanceof Outcome.TakeNew)) {
            return keep(path, renewed);
        }
        return true;
    }

    private void mix(ViewPath path, ManifestEntry renewed, boolean ownContent) throws LinuxException, NodeException {
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

    private void directory(ViewPath path, @Nullable ManifestEntry renewed, Ruling ruling)
            throws LinuxException, NodeException {
        Identity own = path.identity();
        ManifestEntry old = path.base();
        boolean changed = old == null || !FileTable.isDirectory(old) || !own.sameDescription(old.identity());
        boolean keeps = ruling.pinned() || ruling.outcome() instanceof Outcome.KeepSliver;
        boolean takes = ruling.outcome() instanceof Outcome.TakeNew;
        boolean gone = ruling.outcome() instanceof Outcome.Absent;
        if (ruling.pinned()) {
            notes.add(path.path(), Verdict.KEPT, null, "", "pinned");
        } else if (ruling.claim() != null && (keeps || takes || gone)) {
            notes.add(ruling.claim());
        }
        boolean closed = target.isClosed();
        if (renewed != null && FileTable.isDirectory(renewed)) {
            Identity described =
                    keeps ? own : takes || gone ? renewed.identity() : described(path, renewed.identity(), changed);
            enter(path, renewed.identity(), described, true).closed = closed || gone;
            boolean asRenewed = described.sameDescription(renewed.identity());
            if (ruling.pinned() || !asRenewed || (closed && (keeps || takes))) {
                target.holdDirectory();
            }
        } else if (keeps) {
            boolean given = !ruling.pinned() && !target.mayHold();
            Target.Level level = enter(path, null, own, renewed != null);
            level.given = given;
            level.closed = closed;
            if (!given) {
                target.holdDirectory();
            }
        } else if (takes || gone) {
            Target.Level level = enter(path, null, own, renewed != null);
            level.contested = takes && renewed != null;
            level.closed = closed || gone;
        } else {
            alone(path, renewed, changed).closed = closed;
        }
    }

    private Target.Level enter(ViewPath path, @Nullable Identity renewed, Identity described, boolean inNewBase) {
        Target.Level level = new Target.Level(path.path(), path.identity(), renewed, described, inNewBase);
        target.enter(level);
        return level;
    }

    /** A directory of the sliver's where the new base has none, by the table. */
    private Target.Level alone(ViewPath path, @Nullable ManifestEntry renewed, boolean changed)
            throws LinuxException, NodeException {
        ManifestEntry old = path.base();
        boolean wasDirectory = old != null && FileTable.isDirectory(old);
        boolean untouched = wasDirectory && !changed;
        boolean unchangedFile = old != null && !wasDirectory && renewed != null && FileTable.same(old, renewed);
        Verdict kind = contradiction(old, renewed, changed);
        if (untouched || kind == null || unchangedFile) {
            boolean given = changed && !target.mayHold();
            Target.Level level = enter(path, null, path.identity(), renewed != null);
            level.contested = untouched && renewed != null;
            level.given = given;
            if (changed && !given) {
                notes.add(path.path(), Verdict.KEPT, null, "", "");
                target.holdDirectory();
            }
            return level;
        }
        OnConflict settled = notes.settle(new Conflict(kind, List.of(Bytes.wrap(path.path())), ""));
        Target.Level level = enter(path, null, path.identity(), renewed != null);
        level.given = settled == OnConflict.TAKE_BASE;
        if (!level.given) {
            target.holdDirectory();
        }
        return level;
    }

    /** What it means that the sliver has a directory where the new base has none, or null when it means nothing. */
    private static @Nullable Verdict contradiction(
            @Nullable ManifestEntry old, @Nullable ManifestEntry renewed, boolean changed) {
        if (renewed != null) {
            return old == null ? Verdict.BOTH_ADDED : Verdict.TYPE;
        }
        return old != null && changed ? Verdict.DELETED_IN_BASE : null;
    }

    /** Owner, mode and attributes of a directory that the sliver and the new base have, by the table. */
    private Identity described(ViewPath path, Identity renewed, boolean changed) {
        Identity own = path.identity();
        if (!changed || own.sameDescription(renewed)) {
            return renewed;
        }
        ManifestEntry old = FileTable.isDirectory(path.base()) ? path.base() : null;
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

    /**
     * Decides what the view does not tell of: what mergers claim, and what the new base adds where the owner's directory
     * hides it.
     *
     * @param path as far as to it; null for all that is left in the directory at hand
     */
    private void upTo(byte @Nullable [] path) throws LinuxException, NodeException {
        Hidden top = hidden.peek();
        while (top != null) {
            byte[] name = top.paths.peek();
            int order = name == null ? 1 : path == null ? -1 : TreePath.compare(name, path);
            if (order == 0) {
                top.paths.remove();
            }
            Claim claim = path == null ? claimed.firstBelow(top.directory) : claimed.firstBefore(path);
            boolean before = name != null && order < 0;
            if (before
                    && name != null
                    && (claim == null || TreePath.compare(name, claim.path().array()) <= 0)) {
                target.surface(null);
                untold.missing(
                        top.paths.remove(),
                        renewed(name),
                        Verdict.HIDDEN,
                        "new in " + TreePath.show(top.directory) + ", which the sliver replaced");
            } else if (claim != null) {
                claimed.take(claim.path().array());
                untold.claim(claim);
            } else {
                break;
            }
        }
        target.surface(null);
    }

    @Override
    public void absent(ManifestEntry record) throws LinuxException, NodeException {
        byte[] path = record.path().array();
        upTo(path);
        untold.missing(path, renewed(path), Verdict.DELETED_IN_SLIVER, "");
    }

    @Override
    public void leave(byte[] directory) throws LinuxException, NodeException {
        upTo(null);
        hidden.pop();
        target.leave();
    }
}
