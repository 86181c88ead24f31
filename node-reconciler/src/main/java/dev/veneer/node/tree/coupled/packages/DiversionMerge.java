package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.coupled.packages.Diversions.Diversion;
import dev.veneer.node.tree.coupled.record.ClaimList;
import dev.veneer.node.tree.coupled.record.Difference;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.ThreeWay;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.merge.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Merges the diversions, and moves what the one side has under a name that the other diverts: a new version of the file
 * goes where the old one was diverted to.
 */
final class DiversionMerge {
    private final ThreeTrees trees;
    private final ClaimList claims;
    private final DpkgDatabase base;
    private final DpkgDatabase sliver;
    private final Map<Bytes, Diversion> merged;
    private final Set<Bytes> paths = new HashSet<>();

    DiversionMerge(ThreeTrees trees, ClaimList claims, DpkgDatabase oldBase, DpkgDatabase base, DpkgDatabase sliver)
            throws MalformedState {
        this.trees = trees;
        this.claims = claims;
        this.base = base;
        this.sliver = sliver;
        merged = ThreeWay.table(
                oldBase.files().diversions().all(),
                base.files().diversions().all(),
                sliver.files().diversions().all(),
                (path, o, n, m) -> {
                    Side side = claims.settledSide(
                            Verdict.BOTH_CHANGED, List.of(Diversions.PATH, path), "diverted differently");
                    return side == Side.NEW_BASE ? n : m;
                });
        Set<Bytes> targets = new HashSet<>();
        for (Diversion diversion : merged.values()) {
            if (!targets.add(diversion.to()) || merged.containsKey(diversion.to())) {
                throw new MalformedState(Diversions.PATH, "of both sides would divert " + diversion.to() + " twice");
            }
        }
    }

    /** Names that only one side diverts, and where to: decided here and not with the packages' other files. */
    Set<Bytes> paths() {
        return paths;
    }

    void claim() throws LinuxException, NodeException, MalformedState {
        claims.write(Diversions.PATH, Diversions.text(merged), Verdict.MERGED, merged.size() + " diversions");
        List<Diversion> ofSliver = new ArrayList<>();
        List<Diversion> ofBase = new ArrayList<>();
        for (Diversion diversion : merged.values()) {
            boolean inBase = diversion.equals(base.files().diversions().all().get(diversion.from()));
            boolean inSliver =
                    diversion.equals(sliver.files().diversions().all().get(diversion.from()));
            if (inSliver && !inBase) {
                ofSliver.add(diversion);
            } else if (inBase && !inSliver) {
                ofBase.add(diversion);
            }
        }
        move(ofSliver, Side.SLIVER, base, Side.NEW_BASE);
        move(ofBase, Side.NEW_BASE, sliver, Side.SLIVER);
    }

    private void move(List<Diversion> diversions, Side diverting, DpkgDatabase database, Side other)
            throws LinuxException, NodeException, MalformedState {
        Map<Bytes, List<PackageKey>> owners = owners(database, diversions);
        for (Diversion diversion : diversions) {
            move(diversion, diverting, database, owners, other);
        }
    }

    /**
     * @param diverting whose diversion it is
     * @param database of the other side
     * @param owners its packages that list diverted names
     * @param other which changed the file under its own name, perhaps
     */
    private void move(
            Diversion diversion, Side diverting, DpkgDatabase database, Map<Bytes, List<PackageKey>> owners, Side other)
            throws LinuxException, NodeException, MalformedState {
        paths.add(diversion.from());
        paths.add(diversion.to());
        Identity before = trees.oldBase().find(diversion.from());
        Identity changed = trees.of(other).find(diversion.from());
        Identity diverted = trees.of(diverting).find(diversion.to());
        PackageKey owner = ownerOf(owners, diversion);
        boolean follows = changed != null
                && owner != null
                && !Difference.same(before, changed)
                && Difference.apart(trees, diversion.from());
        if (!follows || changed == null || owner == null) {
            return;
        }
        boolean movable = changed.type() == FileType.REGULAR
                && changed.size() <= Checksum.LIMIT
                && isFree(diverted)
                && isFree(trees.of(other).find(diversion.to()));
        boolean original = movable && database.files().holdsOriginal(owner, diversion.from());
        boolean edited = diverted != null
                && !Difference.sameContent(before, diverted)
                && !Difference.sameContent(changed, diverted);
        Side side = other;
        if (!original || edited) {
            side = claims.settledSide(
                    Verdict.BOTH_CHANGED,
                    List.of(diversion.from(), diversion.to()),
                    "diverted on one side, changed on the other");
            if (side == diverting || !movable) {
                claims.take(diversion.from(), diverting, Verdict.BOTH_CHANGED, "diverted");
                claims.take(diversion.to(), diverting, Verdict.BOTH_CHANGED, "diverted");
                return;
            }
        }
        claims.take(diversion.from(), diverting, Verdict.MERGED, "diverted");
        if (!Difference.same(changed, diverted)) {
            Bytes content = trees.of(other).content(diversion.from(), Checksum.LIMIT);
            claims.write(diversion.to(), content, changed, Verdict.MERGED, "diverted from " + diversion.from());
        }
    }

    /** Whether a file can be put there. */
    private static boolean isFree(@Nullable Identity there) {
        return there == null || there.type() == FileType.REGULAR;
    }

    /** Which packages of a side list the names that the other one diverts; each list is read once, none for no name. */
    private static Map<Bytes, List<PackageKey>> owners(DpkgDatabase database, List<Diversion> diversions)
            throws LinuxException, NodeException, MalformedState {
        Set<Bytes> diverted = new HashSet<>();
        diversions.forEach(diversion -> diverted.add(diversion.from()));
        Map<Bytes, List<PackageKey>> owners = new HashMap<>();
        for (PackageKey key : diverted.isEmpty()
                ? Set.<PackageKey>of()
                : database.table().packages().keySet()) {
            for (Bytes path : database.files().listed(key)) {
                if (diverted.contains(path)) {
                    owners.computeIfAbsent(path, p -> new ArrayList<>()).add(key);
                }
            }
        }
        return owners;
    }

    private static @Nullable PackageKey ownerOf(Map<Bytes, List<PackageKey>> owners, Diversion diversion) {
        for (PackageKey key : owners.getOrDefault(diversion.from(), List.of())) {
            if (!Diversions.isBy(diversion, key)) {
                return key;
            }
        }
        return null;
    }
}
