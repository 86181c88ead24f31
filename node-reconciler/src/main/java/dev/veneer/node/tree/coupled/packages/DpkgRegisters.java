package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.Rerun;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.Claim;
import dev.veneer.node.tree.coupled.record.ClaimList;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.StateFile;
import dev.veneer.node.tree.coupled.record.ThreeWay;
import dev.veneer.node.tree.merge.MergeTree;
import dev.veneer.node.tree.merge.Outcome;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.merge.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What packages registered with dpkg in small files: interest in triggers, overridden modes, architectures. */
final class DpkgRegisters {
    private static final Bytes TRIGGERS = Bytes.utf8("var/lib/dpkg/triggers");
    private static final Bytes FILE = Bytes.utf8("File");
    private static final Bytes UNINCORP = Bytes.utf8("Unincorp");
    private static final Bytes LOCK = Bytes.utf8("Lock");
    private static final Bytes STATOVERRIDE = Bytes.utf8("var/lib/dpkg/statoverride");
    private static final Bytes ARCHITECTURES = Bytes.utf8("var/lib/dpkg/arch");

    /** Nobody is interested in files below deeper directories. */
    private static final int DEEPEST = 32;

    private final ThreeTrees trees;
    private final PackageChoices<?> choices;
    private final ClaimList claims;
    private @Nullable Map<Bytes, Bytes> overrides;
    private final Map<String, List<PackageKey>> named = new HashMap<>();

    DpkgRegisters(ThreeTrees trees, PackageChoices<?> choices, ClaimList claims) {
        this.trees = trees;
        this.choices = choices;
        this.claims = claims;
        for (PackageKey key : choices.keys()) {
            named.computeIfAbsent(key.name(), name -> new ArrayList<>()).add(key);
        }
    }

    /** Reads what can be malformed, before anything is settled. */
    void check() throws LinuxException, NodeException, MalformedState {
        for (MergeTree tree : List.of(trees.oldBase(), trees.newBase(), trees.sliver())) {
            overrides(tree);
            lines(tree, ARCHITECTURES);
            for (Bytes name : tree.names(TRIGGERS)) {
                lines(tree, Octets.below(TRIGGERS, name));
            }
        }
    }

    void claim(Map<Bytes, Owners> owners) throws LinuxException, NodeException, MalformedState {
        Set<Bytes> names = new TreeSet<>(trees.newBase().names(TRIGGERS));
        names.addAll(trees.sliver().names(TRIGGERS));
        names.removeAll(Set.of(LOCK, FILE, UNINCORP));
        for (Bytes name : names) {
            interest(Octets.below(TRIGGERS, name));
        }
        rerun(interest(Octets.below(TRIGGERS, FILE)), owners);
        set(Octets.below(TRIGGERS, UNINCORP));
        set(ARCHITECTURES);
        writeOverrides();
    }

    /** Lines that end in a package's name: those of each side's packages. */
    private List<Bytes> interest(Bytes path) throws LinuxException, NodeException, MalformedState {
        Set<Bytes> merged = new LinkedHashSet<>();
        for (Side side : List.of(Side.NEW_BASE, Side.SLIVER)) {
            for (Bytes line : lines(trees.of(side), path)) {
                if (comesFrom(side, line)) {
                    merged.add(line);
                }
            }
        }
        List<Bytes> all = List.copyOf(merged);
        if (trees.newBase().find(path) != null || trees.sliver().find(path) != null) {
            claims.write(path, Octets.ofLines(all), Verdict.MERGED, "");
        }
        return all;
    }

    private boolean comesFrom(Side side, Bytes line) {
        List<Bytes> words = Octets.words(line);
        String name = words.isEmpty() ? "" : Octets.ascii(words.get(words.size() - 1));
        String wanted = name.replaceAll("[:/].*", "");
        boolean found = false;
        for (PackageKey key : named.getOrDefault(wanted, List.of())) {
            if (choices.table(side).get(key) != null) {
                found = true;
                if (choices.get(key).both() || choices.get(key).side() == side) {
                    return true;
                }
            }
        }
        return !found && side == Side.SLIVER;
    }

    private void set(Bytes path) throws LinuxException, NodeException, MalformedState {
        if (trees.newBase().find(path) != null && trees.sliver().find(path) != null) {
            List<Bytes> merged = ThreeWay.set(
                    lines(trees.oldBase(), path), lines(trees.newBase(), path), lines(trees.sliver(), path));
            claims.write(path, Octets.ofLines(merged), Verdict.MERGED, "");
        }
    }

    private static List<Bytes> lines(MergeTree tree, Bytes path) throws LinuxException, NodeException, MalformedState {
        List<Bytes> lines = StateFile.lines(tree, path);
        return lines == null ? List.of() : lines;
    }

    /** The owners and modes that are set otherwise than packages have them, merged; settled once. */
    private Map<Bytes, Bytes> overrides() throws LinuxException, NodeException, MalformedState {
        Map<Bytes, Bytes> known = overrides;
        if (known == null) {
            known = ThreeWay.table(
                    overrides(trees.oldBase()),
                    overrides(trees.newBase()),
                    overrides(trees.sliver()),
                    (path, o, n, m) -> {
                        Side side = claims.settledSide(
                                Verdict.BOTH_CHANGED,
                                List.of(STATOVERRIDE),
                                "the mode of " + path + " is overridden differently");
                        return side == Side.NEW_BASE ? n : m;
                    });
            overrides = known;
        }
        return known;
    }

    /** By path, the side that alone sets owner and mode so. */
    Map<Bytes, Side> overriding() throws LinuxException, NodeException, MalformedState {
        Map<Bytes, Bytes> base = overrides(trees.newBase());
        Map<Bytes, Bytes> sliver = overrides(trees.sliver());
        Map<Bytes, Side> sides = new HashMap<>();
        overrides().forEach((listed, line) -> {
            boolean ofBase = Objects.equals(line, base.get(listed));
            boolean ofSliver = Objects.equals(line, sliver.get(listed));
            if (ofBase != ofSliver && listed.startsWith("/")) {
                sides.put(Octets.tail(listed, 1), ofBase ? Side.NEW_BASE : Side.SLIVER);
            }
        });
        return sides;
    }

    private void writeOverrides() throws LinuxException, NodeException, MalformedState {
        if (trees.newBase().find(STATOVERRIDE) != null && trees.sliver().find(STATOVERRIDE) != null) {
            List<Bytes> lines = List.copyOf(overrides().values());
            claims.write(STATOVERRIDE, Octets.ofLines(lines), Verdict.MERGED, "");
        }
    }

    /** What the sliver's owner set for a file that only the new base has is set when the sliver starts. */
    void rerunOverrides() throws LinuxException, NodeException, MalformedState {
        for (Map.Entry<Bytes, Side> each : overriding().entrySet()) {
            Bytes path = each.getKey();
            boolean comes = each.getValue() == Side.SLIVER
                    && trees.sliver().find(path) == null
                    && trees.newBase().find(path) != null
                    && !isGone(claims.get(path));
            if (comes) {
                Bytes listed = Octets.concat(Octets.of("/"), path);
                List<String> command =
                        new ArrayList<>(List.of("dpkg-statoverride", "--force-statoverride-add", "--update", "--add"));
                Octets.split(Objects.requireNonNull(overrides().get(listed)), ' ')
                        .subList(0, 3)
                        .forEach(word -> command.add(Octets.ascii(word)));
                command.add(Octets.ascii(listed));
                claims.rerun(new Rerun(command, "the sliver's owner set its mode, and the new base brings it"));
            }
        }
    }

    private static boolean isGone(@Nullable Claim claim) {
        return claim != null
                && (claim.outcome() instanceof Outcome.Absent || claim.outcome() instanceof Outcome.KeepSliver);
    }

    private static Map<Bytes, Bytes> overrides(MergeTree tree) throws LinuxException, NodeException, MalformedState {
        Map<Bytes, Bytes> byPath = new LinkedHashMap<>();
        for (Bytes line : lines(tree, STATOVERRIDE)) {
            List<Bytes> parts = Octets.split(line, ' ');
            Bytes path = parts.size() < 4 ? Bytes.EMPTY : Octets.join(parts.subList(3, parts.size()), " ");
            if (path.isEmpty() || byPath.put(path, line) != null) {
                throw new MalformedState(STATOVERRIDE, "has a line that cannot be read or is there twice");
            }
        }
        return byPath;
    }

    /** What packages make of others' files has to be made anew where the files come from both sides. */
    private void rerun(List<Bytes> interests, Map<Bytes, Owners> owners) {
        Map<Bytes, Sides> prefixes = new LinkedHashMap<>();
        for (Bytes line : interests) {
            List<Bytes> words = Octets.words(line);
            if (!words.isEmpty() && words.get(0).startsWith("/")) {
                prefixes.put(Octets.tail(words.get(0), 1), new Sides());
            }
        }
        look(prefixes, owners);
        prefixes.values().removeIf(sides -> !sides.base || !sides.sliver);
        if (!prefixes.isEmpty()) {
            for (Bytes prefix : prefixes.keySet()) {
                List<String> command = new ArrayList<>(List.of("dpkg-trigger", "--by-package=dpkg", "--no-await"));
                command.add("/" + Octets.ascii(prefix));
                claims.rerun(new Rerun(command, "packages of the sliver and of the new base have files there"));
            }
            claims.rerun(new Rerun(List.of("dpkg", "--triggers-only", "--pending"), "runs what was triggered"));
        }
    }

    /** From which sides files below a directory come. */
    private static final class Sides {
        boolean base;
        boolean sliver;
    }

    /** Looks at each path once, and at each of the directories above it. */
    private static void look(Map<Bytes, Sides> prefixes, Map<Bytes, Owners> owners) {
        for (Map.Entry<Bytes, Owners> entry :
                prefixes.isEmpty() ? Set.<Map.Entry<Bytes, Owners>>of() : owners.entrySet()) {
            Owners of = entry.getValue();
            byte[] path = entry.getKey().array();
            int depth = 0;
            for (int i = 0; !of.ofBoth && i < path.length && depth < DEEPEST; i++) {
                Sides sides = path[i] == '/' ? prefixes.get(Bytes.copy(path, 0, i)) : null;
                depth += path[i] == '/' ? 1 : 0;
                if (sides != null) {
                    sides.base |= of.wantedOfBase;
                    sides.sliver |= !of.wantedOfBase;
                }
            }
        }
    }
}
