package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.coupled.Claim;
import dev.veneer.node.tree.coupled.record.ClaimList;
import dev.veneer.node.tree.coupled.record.Difference;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.ReadingBudget;
import dev.veneer.node.tree.merge.MergeTree;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.Outcome;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.merge.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Lets the files of packages follow their packages. Only paths whose package is not the same on both sides are looked
 * at, only where the path alone would come out otherwise something is claimed, and only of versions that are a
 * package's own: what anybody edited stays with the table of paths, and so does what no package owns.
 */
final class OwnedFiles {
    private static final int CONFIGURATION_LIMIT = 16 << 20;
    private static final int LONGEST_NAME = 255;
    private static final String DETAIL = "as its package";

    /** Whose owner and mode a path has where these are set otherwise than its package has them. */
    @FunctionalInterface
    interface Overriding {
        /** The side that set them, or null. */
        @Nullable
        Side side(Bytes path);
    }

    private final ThreeTrees trees;
    private final PackageChoices<?> choices;
    private final ClaimList claims;
    private final Predicate<Bytes> others;
    private final Bytes laidBeside;
    private final Overriding overriding;
    private final LeftAlone leftAlone;
    private final ReadingBudget budget;
    private final Map<Bytes, Owners> owners = new LinkedHashMap<>();

    /**
     * @param laidBeside what the package manager appends to the name of a new version of an edited file
     * @param others paths that are never a package's, whatever its list says, since another merger has them
     */
    OwnedFiles(
            ThreeTrees trees,
            PackageChoices<?> choices,
            ClaimList claims,
            String laidBeside,
            Predicate<Bytes> others,
            Overriding overriding) {
        this.trees = trees;
        this.budget = ReadingBudget.of(trees.sliver());
        this.choices = choices;
        this.claims = claims;
        this.others = others;
        this.laidBeside = Bytes.utf8(laidBeside);
        this.overriding = overriding;
        this.leftAlone = new LeftAlone(choices);
    }

    /** Reads the lists of all packages. */
    void read() throws LinuxException, NodeException, MalformedState {
        for (PackageKey key : choices.keys()) {
            PackageChoices.Choice choice = choices.get(key);
            if (choice.both()) {
                continue;
            }
            for (Bytes path : paths(Side.OLD_BASE, key)) {
                owners(path);
            }
            for (Bytes path : paths(Side.NEW_BASE, key)) {
                owners(path).addBase(key);
                owners(path).wantedOfBase |= choice.side() == Side.NEW_BASE;
            }
            for (Bytes path : paths(Side.SLIVER, key)) {
                owners(path).addSliver(key);
                owners(path).wantedOfSliver |= choice.side() == Side.SLIVER;
            }
        }
        for (PackageKey key : owners.isEmpty() ? Set.<PackageKey>of() : choices.keys()) {
            if (choices.get(key).both()) {
                for (Bytes path : paths(Side.NEW_BASE, key)) {
                    Owners found = owners.get(path);
                    if (found != null) {
                        found.ofBoth = true;
                    }
                }
            }
        }
    }

    private List<Bytes> paths(Side side, PackageKey key) throws LinuxException, NodeException, MalformedState {
        return choices.table(side).files().paths(key);
    }

    private Owners owners(Bytes path) throws MalformedState {
        Owners known = owners.get(path);
        if (known == null) {
            known = new Owners();
            owners.put(path, known);
            budget.keep(path, path.length(), 1);
        }
        return known;
    }

    /** The paths that were looked at. */
    Map<Bytes, Owners> owners() {
        return owners;
    }

    /** A path of which the new base and the sliver have different versions. */
    private record Apart(Bytes path, @Nullable Identity before, @Nullable Identity base, @Nullable Identity own) {}

    /** Decides them: what is in a directory before it. They are looked up in the order in which manifests have them. */
    void claim() throws LinuxException, NodeException, MalformedState {
        List<Bytes> paths = new ArrayList<>(owners.keySet());
        paths.sort((a, b) -> TreePath.compare(a.array(), b.array()));
        List<Apart> apart = new ArrayList<>();
        for (Bytes path : paths) {
            if (!others.test(path) && claims.get(path) == null) {
                Identity base = trees.newBase().find(path);
                Identity own = trees.sliver().find(path);
                if (!Difference.same(base, own)) {
                    apart.add(new Apart(path, trees.oldBase().find(path), base, own));
                }
            }
        }
        for (int i = apart.size() - 1; i >= 0; i--) {
            Apart each = apart.get(i);
            // What lies in a directory may have had this claimed too.
            if (claims.get(each.path()) == null) {
                decide(each.path(), owners(each.path()), each.before(), each.base(), each.own());
            }
        }
    }

    private void decide(
            Bytes path, Owners of, @Nullable Identity before, @Nullable Identity base, @Nullable Identity own)
            throws LinuxException, NodeException, MalformedState {
        Side alone = Difference.followed(before, base, own);
        boolean either = of.ofBoth || (of.wantedOfBase && of.wantedOfSliver);
        boolean none = !of.wantedOfBase && !of.wantedOfSliver;
        Side wanted = of.wantedOfBase ? Side.NEW_BASE : Side.SLIVER;
        if (either || comesOutRight(none, wanted, alone, base, own)) {
            if (!either && !none) {
                claims.follow(path, wanted);
            }
            configuration(path, of, before, base, own);
            return;
        }
        Side set = overriding.side(path);
        boolean ofPackages = leftAlone.inBase(path, base, of.base)
                && ((wanted == Side.SLIVER && !none)
                        || leftAlone.inSliver(path, before, base, own, of.sliver, set == Side.SLIVER));
        if (!ofPackages) {
            configuration(path, of, before, base, own);
        } else if (none) {
            leaveOut(path, () -> claims.absent(path, Verdict.MERGED, "its package is gone"));
        } else if (wanted == Side.SLIVER && own == null) {
            leaveOut(path, () -> claims.take(path, wanted, Verdict.MERGED, DETAIL));
        } else if (set != null && set != wanted && areFiles(base, own)) {
            claims.mix(path, wanted, set, Verdict.MERGED, DETAIL + ", with the owner and mode that were set for it");
        } else {
            claims.take(path, wanted, Verdict.MERGED, DETAIL);
        }
    }

    /** Takes a path away, but a directory only when nothing is left in it. */
    private void leaveOut(Bytes path, Runnable claim) throws LinuxException, NodeException {
        if (isEmptyAfterwards(path)) {
            claim.run();
        }
    }

    private static boolean areFiles(@Nullable Identity base, @Nullable Identity own) {
        return base != null && own != null && base.type() == FileType.REGULAR && own.type() == FileType.REGULAR;
    }

    private static boolean comesOutRight(
            boolean none, Side wanted, @Nullable Side alone, @Nullable Identity base, @Nullable Identity own) {
        if (alone == null) {
            return false;
        }
        boolean absent = (alone == Side.NEW_BASE ? base : own) == null;
        return none ? absent : alone == wanted;
    }

    private boolean isConfiguration(Bytes path, Owners of) throws LinuxException, NodeException, MalformedState {
        for (PackageKey key : of.base) {
            if (choices.table(Side.NEW_BASE).files().isConfiguration(key, path)) {
                return true;
            }
        }
        for (PackageKey key : of.sliver) {
            if (choices.table(Side.SLIVER).files().isConfiguration(key, path)) {
                return true;
            }
        }
        return false;
    }

    /** A file of configuration that both sides changed: when the sliver's stays, the new one is laid beside it. */
    private void configuration(
            Bytes path, Owners of, @Nullable Identity before, @Nullable Identity base, @Nullable Identity own)
            throws LinuxException, NodeException, MalformedState {
        boolean both = base != null
                && own != null
                && base.type() == FileType.REGULAR
                && own.type() == FileType.REGULAR
                && !Difference.sameContent(base, own)
                && !Difference.sameContent(before, base)
                && !Difference.sameContent(before, own);
        if (!both || base == null || !isConfiguration(path, of)) {
            return;
        }
        Verdict kind = before == null ? Verdict.BOTH_ADDED : Verdict.BOTH_CHANGED;
        String detail = "configuration that the sliver's owner edited and the new base's package changed";
        if (claims.settle(kind, List.of(path), detail) == OnConflict.TAKE_BASE) {
            claims.take(path, Side.NEW_BASE, kind, detail);
            return;
        }
        claims.take(path, Side.SLIVER, kind, detail);
        Bytes beside = Octets.concat(path, laidBeside);
        Identity there = trees.sliver().find(beside);
        boolean free = there == null || there.type() == FileType.REGULAR;
        boolean fits = TreePath.name(beside.array()).length <= LONGEST_NAME && base.size() <= CONFIGURATION_LIMIT;
        if (free && fits) {
            Bytes content = trees.newBase().content(path, CONFIGURATION_LIMIT);
            claims.write(beside, content, base, Verdict.MERGED, "the new base's version of " + path);
        }
    }

    private boolean isEmptyAfterwards(Bytes path) throws LinuxException, NodeException {
        return isEmptyAfterwards(trees.newBase(), path) && isEmptyAfterwards(trees.sliver(), path);
    }

    private boolean isEmptyAfterwards(MergeTree tree, Bytes directory) throws LinuxException, NodeException {
        for (Bytes name : tree.names(directory)) {
            if (!isGone(Octets.below(directory, name))) {
                return false;
            }
        }
        return true;
    }

    private boolean isGone(Bytes path) throws LinuxException, NodeException {
        Claim claim = claims.get(path);
        Side side = Difference.followed(trees, path);
        if (claim != null) {
            if (claim.outcome() instanceof Outcome.Absent) {
                return true;
            }
            side = claim.outcome() instanceof Outcome.TakeNew
                    ? Side.NEW_BASE
                    : claim.outcome() instanceof Outcome.KeepSliver ? Side.SLIVER : null;
        }
        return side != null && trees.of(side).find(path) == null;
    }
}
