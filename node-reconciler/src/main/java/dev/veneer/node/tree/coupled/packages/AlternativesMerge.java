package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.Rerun;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.coupled.record.ClaimList;
import dev.veneer.node.tree.coupled.record.Difference;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.ThreeWay;
import dev.veneer.node.tree.merge.MergeTree;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.merge.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Merges the groups of alternatives by program, and lets their links lead where the merged group says. */
final class AlternativesMerge {
    static final Bytes DIRECTORY = Bytes.utf8("var/lib/dpkg/alternatives");
    static final Bytes LINKS = Bytes.utf8("etc/alternatives");
    private static final String BELOW_LINKS = "etc/alternatives/";

    private final ThreeTrees trees;
    private final ClaimList claims;
    private final Predicate<Bytes> ofNewBase;

    /** @param ofNewBase whether the package that owns an absolute path comes from the new base */
    AlternativesMerge(ThreeTrees trees, ClaimList claims, Predicate<Bytes> ofNewBase) {
        this.trees = trees;
        this.claims = claims;
        this.ofNewBase = ofNewBase;
    }

    void claim() throws LinuxException, NodeException {
        Set<Bytes> names = new TreeSet<>(trees.newBase().names(DIRECTORY));
        names.addAll(trees.sliver().names(DIRECTORY));
        for (Bytes name : names) {
            Bytes path = Octets.below(DIRECTORY, name);
            List<Bytes> set = List.of(path, Octets.below(LINKS, name));
            if (Difference.bothChanged(trees, set)) {
                try {
                    merge(name, path);
                } catch (MalformedState e) {
                    claims.whole(set, Verdict.COUPLED, "alternatives: " + e.getMessage());
                }
            }
        }
    }

    private void merge(Bytes name, Bytes path) throws LinuxException, NodeException, MalformedState {
        Alternative before = Alternative.read(trees.oldBase(), path);
        Alternative base = Alternative.read(trees.newBase(), path);
        Alternative own = Alternative.read(trees.sliver(), path);
        Alternative either = base != null ? base : own;
        if (either == null) {
            return;
        }
        Map<Bytes, Alternative.Choice> choices =
                ThreeWay.table(choices(before), choices(base), choices(own), (program, o, n, m) -> {
                    return ofNewBase.test(program) ? n : m;
                });
        if (choices.isEmpty()) {
            claims.absent(path, Verdict.MERGED, "none of its programs is left");
            link(Octets.below(LINKS, name), null, name, List.of());
            link(Octets.tail(either.link(), 1), null, name, List.of());
            return;
        }
        Map<Bytes, Bytes> slaves = ThreeWay.table(slaves(before), slaves(base), slaves(own), (slave, o, n, m) -> n);
        Bytes mode = ThreeWay.sliverFirst(mode(before), mode(base), mode(own));
        // As update-alternatives sorts them, so that the first of equal priority is the one that it would take.
        Alternative merged = new Alternative(
                mode == null ? either.mode() : mode, either.link(), new TreeMap<>(slaves), new TreeMap<>(choices));
        Bytes used = merged.mode().equals(Alternative.MANUAL) ? selected(name, own, base) : merged.best();
        if (used == null || !choices.containsKey(used)) {
            merged = new Alternative(Octets.of("auto"), merged.link(), merged.slaves(), choices);
            used = merged.best();
        }
        claims.write(path, sameOrder(merged, base, own).text(), Verdict.MERGED, choices.size() + " programs");
        List<String> rerun = rerun(name, merged, used);
        link(Octets.below(LINKS, name), used, name, rerun);
        Alternative.Choice choice = used == null ? null : choices.get(used);
        for (Map.Entry<Bytes, Bytes> slave : slaves.entrySet()) {
            Bytes target = choice == null ? null : choice.slaves().get(slave.getKey());
            Bytes middle = Octets.below(LINKS, slave.getKey());
            link(middle, target, name, rerun);
            Bytes absolute = Octets.concat(Octets.of("/"), middle);
            link(Octets.tail(slave.getValue(), 1), target == null ? null : absolute, name, rerun);
        }
    }

    /** Written as a side has it where it says the same, whatever the order. */
    private static Alternative sameOrder(Alternative merged, @Nullable Alternative base, @Nullable Alternative own) {
        if (base != null && merged.equals(base)) {
            return base;
        }
        return own != null && merged.equals(own) ? own : merged;
    }

    private @Nullable Bytes selected(Bytes name, @Nullable Alternative own, @Nullable Alternative base)
            throws LinuxException, NodeException {
        Bytes link = Octets.below(LINKS, name);
        boolean byOwner = own != null && own.mode().equals(Alternative.MANUAL);
        return base == null || byOwner ? target(trees.sliver(), link) : target(trees.newBase(), link);
    }

    private static @Nullable Bytes target(MergeTree tree, Bytes path) throws LinuxException, NodeException {
        Identity identity = tree.find(path);
        return identity != null && identity.type() == FileType.SYMLINK ? identity.target() : null;
    }

    /** What makes the links of a group in the sliver: a choice of its owner's is that again, and no other. */
    private static List<String> rerun(Bytes name, Alternative merged, @Nullable Bytes used) {
        return used != null && merged.mode().equals(Alternative.MANUAL)
                ? List.of("update-alternatives", "--set", Octets.ascii(name), Octets.ascii(used))
                : List.of("update-alternatives", "--auto", Octets.ascii(name));
    }

    /**
     * A link comes from the side where it is right already; where it is on neither, it is made in the sliver.
     *
     * @param wanted where it leads; null when it is to be gone
     */
    private void link(Bytes path, @Nullable Bytes wanted, Bytes name, List<String> rerun)
            throws LinuxException, NodeException {
        Side alone = Difference.followed(trees, path);
        boolean base = isRight(trees.newBase(), path, wanted);
        boolean own = isRight(trees.sliver(), path, wanted);
        if ((alone == Side.NEW_BASE && base) || (alone == Side.SLIVER && own)) {
            return;
        }
        if (isForeign(trees.newBase(), path) || isForeign(trees.sliver(), path) || isOwners(path)) {
            return;
        }
        if (base) {
            claims.take(path, Side.NEW_BASE, Verdict.MERGED, "alternative " + name);
        } else if (own) {
            claims.take(path, Side.SLIVER, Verdict.MERGED, "alternative " + name);
        } else if (wanted == null) {
            claims.absent(path, Verdict.MERGED, "alternative " + name);
        } else {
            claims.take(path, Side.SLIVER, Verdict.MERGED, "alternative " + name + ", made anew in the sliver");
            claims.rerun(new Rerun(rerun, "neither side has the link as the merged group wants it"));
        }
    }

    private static boolean isRight(MergeTree tree, Bytes path, @Nullable Bytes wanted)
            throws LinuxException, NodeException {
        return wanted == null ? tree.find(path) == null : Objects.equals(wanted, target(tree, path));
    }

    /** A file of somebody's in the place of a link is never touched. */
    private static boolean isForeign(MergeTree tree, Bytes path) throws LinuxException, NodeException {
        Identity identity = tree.find(path);
        return identity != null && identity.type() != FileType.SYMLINK;
    }

    /** Whether the sliver's owner lets a common name lead past the alternatives, to a place of the owner's own. */
    private boolean isOwners(Bytes path) throws LinuxException, NodeException {
        Bytes target = target(trees.sliver(), path);
        return target != null
                && !path.startsWith(BELOW_LINKS)
                && !target.startsWith("/" + BELOW_LINKS)
                && Difference.changed(trees, Side.SLIVER, path);
    }

    private static Map<Bytes, Alternative.Choice> choices(@Nullable Alternative alternative) {
        return alternative == null ? Map.of() : alternative.choices();
    }

    private static Map<Bytes, Bytes> slaves(@Nullable Alternative alternative) {
        return alternative == null ? Map.of() : alternative.slaves();
    }

    private static @Nullable Bytes mode(@Nullable Alternative alternative) {
        return alternative == null ? null : alternative.mode();
    }
}
