package dev.veneer.node.tree.rebase;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.coupled.Claim;
import dev.veneer.node.tree.merge.Conflict;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.Outcome;
import dev.veneer.node.tree.merge.Verdict;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.Recipe;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides paths at which the sliver's store holds nothing: what mergers claim where the sliver is as its old base, what
 * lies in a directory that its owner deleted, and what the new base adds where the owner's directory hides it. Pins come
 * first, then claims, then the table.
 */
final class Untold {
    private final BaseRecords oldBase;
    private final BaseRecords newBase;
    private final BaseDifference difference;
    private final RebaseRules rules;
    private final Claimed claimed;
    private final Notes notes;
    private final Target target;
    /** At or below it the sliver has nothing, whatever the old base has. */
    private byte @Nullable [] nothingAt;

    Untold(
            BaseRecords oldBase,
            BaseRecords newBase,
            BaseDifference difference,
            RebaseRules rules,
            Claimed claimed,
            Notes notes,
            Target target) {
        this.oldBase = oldBase;
        this.newBase = newBase;
        this.difference = difference;
        this.rules = rules;
        this.claimed = claimed;
        this.notes = notes;
        this.target = target;
    }

    /** The sliver has something else than a directory there, and nothing below it. */
    void metFile(byte[] path) {
        nothingAt = path;
    }

    /** Carries out a claim of a path that the view does not tell of. A pin holds only what the sliver wrote. */
    void claim(Claim claim) throws LinuxException, NodeException {
        byte[] path = claim.path().array();
        if (path.length == 0 || rules.pins(path) || !reach(path)) {
            return;
        }
        ManifestEntry old = old(path);
        ManifestEntry renewed = newBase.find(path);
        if (claim.outcome() instanceof Outcome.Write write) {
            if (FileTable.isDirectory(old) || FileTable.isDirectory(renewed) || !target.mayHold()) {
                return;
            }
            write(path, write, renewed != null);
        } else if (claim.outcome() instanceof Outcome.TakeNew) {
            show(path, renewed);
        } else if (claim.outcome() instanceof Outcome.Absent || old == null) {
            leaveOut(path, renewed);
        } else {
            asBefore(path, old, renewed);
        }
        notes.add(claim);
    }

    /** Makes a file that a merger wrote. */
    void write(byte[] path, Outcome.Write write, boolean inNewBase) throws LinuxException, NodeException {
        notes.written(write.content().length());
        target.file(path, inNewBase, new Recipe.Content(write.content(), write.metadata()));
    }

    private @Nullable ManifestEntry old(byte[] path) throws LinuxException, NodeException {
        return nothingAt != null && TreePath.isAtOrBelow(path, nothingAt) ? null : oldBase.find(path);
    }

    /**
     * Goes to the directory of a path that the view does not tell of.
     *
     * @return whether the result has one there, or may have
     */
    private boolean reach(byte[] path) throws LinuxException, NodeException {
        target.surface(path);
        Target.Level at = target.level();
        if (at == null || at.given || target.isCovered(path)) {
            return false;
        }
        for (byte[] name : TreePath.namesBetween(at.path, TreePath.parent(path))) {
            byte[] next = TreePath.join(at.path, name);
            ManifestEntry old = old(next);
            ManifestEntry now = newBase.find(next);
            Identity own = old != null && FileTable.isDirectory(old) ? old.identity() : null;
            Identity renewed = now != null && FileTable.isDirectory(now) ? now.identity() : null;
            Identity described = renewed != null ? renewed : own;
            if (described == null) {
                return false;
            }
            at = between(next, own, renewed, described, now != null);
            at.contested = renewed == null && now != null;
        }
        return true;
    }

    private Target.Level between(
            byte[] path, @Nullable Identity own, @Nullable Identity renewed, Identity described, boolean inNewBase) {
        Target.Level level = new Target.Level(path, own, renewed, described, inNewBase);
        level.between = true;
        level.closed = target.isClosed();
        target.enter(level);
        return level;
    }

    /** What the new base has, or nothing where that has nothing, is seen in the directory at hand. */
    void show(byte[] path, @Nullable ManifestEntry renewed) throws LinuxException, NodeException {
        if (renewed == null || !target.isClosed()) {
            return;
        }
        if (FileTable.isDirectory(renewed)) {
            between(path, null, renewed.identity(), renewed.identity(), true);
            target.holdDirectory();
        } else {
            target.take(path);
        }
    }

    /** Nothing is seen, but in a directory what is decided otherwise. */
    void leaveOut(byte[] path, @Nullable ManifestEntry renewed) throws LinuxException, NodeException {
        if (renewed == null) {
            return;
        }
        if (FileTable.isDirectory(renewed)) {
            between(path, null, renewed.identity(), renewed.identity(), true).closed = true;
        } else {
            target.delete(path);
        }
    }

    /** As the old base has it, though the new one has it otherwise. */
    private void asBefore(byte[] path, ManifestEntry old, @Nullable ManifestEntry renewed)
            throws LinuxException, NodeException {
        if (renewed != null && FileTable.same(old, renewed)) {
            show(path, renewed);
        } else if (target.mayHold()) {
            if (FileTable.isDirectory(old)) {
                Identity now = renewed != null && FileTable.isDirectory(renewed) ? renewed.identity() : null;
                between(path, old.identity(), now, old.identity(), renewed != null);
                target.holdDirectory();
            } else {
                notes.written(old.identity().size());
                target.file(
                        path,
                        renewed != null,
                        new Recipe.Copy(Recipe.Place.OLD_BASE, Bytes.wrap(path), old.identity()));
            }
        }
    }

    /**
     * Decides a path that the view does not have though the old base has it, or the new one adds it where the owner's
     * directory hides that; with all that lies below it. What the new base changed there is decided path by path.
     *
     * @param renewed the new base's record, or null
     * @param kind what it is a conflict of
     * @param detail of a conflict, for people
     */
    void missing(byte[] path, @Nullable ManifestEntry renewed, Verdict kind, String detail)
            throws LinuxException, NodeException {
        if (target.isGiven()) {
            claimed.passOver(path);
            return;
        }
        if (rules.pins(path)) {
            claimed.passOver(path);
            notes.add(path, Verdict.KEPT, null, "", "pinned");
            if (renewed != null) {
                target.delete(path);
            }
            return;
        }
        nothingAt = path;
        Claim claim = claimed.take(path);
        boolean isDirectory = FileTable.isDirectory(renewed);
        if (claim != null && claim.outcome() instanceof Outcome.Write write && !isDirectory) {
            notes.add(claim);
            write(path, write, renewed != null);
        } else if (renewed == null) {
            tell(path, claim, Verdict.CONVERGED, "deleted on both sides");
        } else {
            List<Bytes> changed = difference.changedAt(path);
            boolean isChanged = !changed.isEmpty() && changed.get(0).equals(Bytes.wrap(path));
            boolean shown = claim != null
                    ? claim.outcome() instanceof Outcome.TakeNew
                    : isChanged && isTaken(path, kind, detail);
            if (claim != null || !isChanged) {
                tell(path, claim, Verdict.KEPT, "deleted");
            }
            if (isDirectory) {
                between(path, null, renewed.identity(), renewed.identity(), true).closed = true;
                if (shown) {
                    target.holdDirectory();
                }
                below(path, changed.subList(isChanged ? 1 : 0, changed.size()), kind, detail);
            } else if (shown) {
                target.take(path);
            } else {
                target.delete(path);
            }
        }
        claimed.passOver(path);
        target.surface(null);
    }

    private void tell(byte[] path, @Nullable Claim claim, Verdict verdict, String detail) {
        if (claim != null) {
            notes.add(claim);
        } else {
            notes.add(path, verdict, null, "", detail);
        }
    }

    private boolean isTaken(byte[] path, Verdict kind, String detail) {
        return notes.settle(new Conflict(kind, List.of(Bytes.wrap(path)), detail)) == OnConflict.TAKE_BASE;
    }

    /** Decides what mergers claim and what the new base changed below a missing directory, in order. */
    private void below(byte[] directory, List<Bytes> changed, Verdict kind, String detail)
            throws LinuxException, NodeException {
        Iterator<Bytes> paths = changed.iterator();
        byte[] path = paths.hasNext() ? paths.next().array() : null;
        Claim claim = claimed.firstBelow(directory);
        while (path != null || claim != null) {
            int order = path == null
                    ? 1
                    : claim == null ? -1 : TreePath.compare(path, claim.path().array());
            if (claim != null && order >= 0) {
                claimed.take(claim.path().array());
                claim(claim);
                claim = claimed.firstBelow(directory);
            } else if (path != null && !rules.pins(path)) {
                ManifestEntry renewed = newBase.find(path);
                if (renewed != null && isTaken(path, kind, detail) && reach(path)) {
                    show(path, renewed);
                }
            }
            path = order > 0 || path == null
                    ? path
                    : paths.hasNext() ? paths.next().array() : null;
        }
    }
}
