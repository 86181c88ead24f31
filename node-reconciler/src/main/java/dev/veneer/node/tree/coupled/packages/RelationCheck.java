package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.packages.Relations.Broken;
import dev.veneer.node.tree.coupled.record.ClaimList;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.Verdict;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Looks whether the packages that were chosen go together. What held on the side that a package comes from and no
 * longer holds is a conflict; what was broken there before stays the owner's matter.
 */
final class RelationCheck<R> {
    /** Each round forces a package at least that was not forced before; more rounds than this say that rules disagree. */
    private static final int ROUNDS = 100;

    /** So many of the packages that are concerned are told. */
    private static final int TOLD = 20;

    private final Bytes path;
    private final PackageChoices<R> choices;
    private final ClaimList claims;
    private final Function<PackageKey, List<Bytes>> paths;
    private final Relations.Reader<R> reader;
    private final Relations inBase;
    private final Relations inSliver;
    private final Set<Broken> brokenInBase;
    private final Set<Broken> brokenInSliver;
    private final Set<PackageKey> forced = new HashSet<>();
    private final Set<Broken> told = new HashSet<>();

    /**
     * @param path of the database
     * @param paths by which rules know a package
     * @param reader of what packages say of each other
     */
    RelationCheck(
            Bytes path,
            PackageChoices<R> choices,
            ClaimList claims,
            Function<PackageKey, List<Bytes>> paths,
            Relations.Reader<R> reader)
            throws MalformedState {
        this.path = path;
        this.choices = choices;
        this.claims = claims;
        this.paths = paths;
        this.reader = reader;
        inBase = reader.read(
                Side.NEW_BASE, choices.table(Side.NEW_BASE).packages().values());
        inSliver =
                reader.read(Side.SLIVER, choices.table(Side.SLIVER).packages().values());
        brokenInBase = new HashSet<>(inBase.broken());
        brokenInSliver = new HashSet<>(inSliver.broken());
    }

    /** Settles what does not go together, and changes the choices. */
    void run() throws MalformedState {
        for (int round = 0; round < ROUNDS && changesChoices(); round++) {}
    }

    private boolean changesChoices() throws MalformedState {
        Relations merged = reader.read(null, choices.merged().values());
        Set<PackageKey> changed = new HashSet<>();
        for (Broken broken : merged.broken()) {
            Set<PackageKey> concerned = concerned(broken, merged);
            boolean stale = concerned.stream().anyMatch(changed::contains);
            if (!stale && !wasBroken(broken) && told.add(broken)) {
                changed.addAll(settle(broken, concerned));
            }
        }
        return !changed.isEmpty();
    }

    private boolean wasBroken(Broken broken) {
        if (!choices.keys().contains(broken.of())) {
            return brokenInSliver.contains(broken) || brokenInBase.contains(broken);
        }
        PackageChoices.Choice choice = choices.get(broken.of());
        boolean own = choice.side() == Side.SLIVER || choice.both();
        return (own ? brokenInSliver : brokenInBase).contains(broken);
    }

    private Set<PackageKey> concerned(Broken broken, Relations merged) {
        Set<PackageKey> concerned = new LinkedHashSet<>();
        concerned.add(broken.of());
        for (String name : broken.names()) {
            concerned.addAll(merged.named(name));
            concerned.addAll(inBase.named(name));
            concerned.addAll(inSliver.named(name));
        }
        return concerned;
    }

    private Set<PackageKey> settle(Broken broken, Set<PackageKey> concerned) {
        Set<PackageKey> differing = new LinkedHashSet<>();
        List<Bytes> rulePaths = new ArrayList<>(List.of(path));
        List<String> versions = new ArrayList<>();
        for (PackageKey key : concerned) {
            if (!choices.get(key).both()) {
                differing.add(key);
                if (versions.size() < TOLD) {
                    rulePaths.addAll(paths.apply(key));
                    versions.add(key.name() + " " + version(Side.SLIVER, key) + " in the sliver, "
                            + version(Side.NEW_BASE, key) + " in the new base");
                }
            }
        }
        InstalledPackage<R> of = choices.chosen(broken.of());
        String detail = broken.of().name() + (of == null ? "" : " " + of.version()) + " has " + broken.field() + ": "
                + broken.text() + ", which no longer holds; " + String.join("; ", versions);
        OnConflict how = claims.settle(Verdict.COUPLED, rulePaths, detail);
        Set<PackageKey> changed = new LinkedHashSet<>();
        if (how != OnConflict.FAIL) {
            Side side = how == OnConflict.TAKE_BASE ? Side.NEW_BASE : Side.SLIVER;
            for (PackageKey key : differing) {
                boolean other = choices.get(key).side() != side;
                if (forced.add(key)) {
                    choices.force(key, side);
                    if (other) {
                        changed.add(key);
                    }
                }
            }
        }
        return changed;
    }

    private String version(Side side, PackageKey key) {
        InstalledPackage<R> installed = choices.table(side).get(key);
        return InstalledPackage.hasFiles(installed) && installed != null
                ? installed.version().toString()
                : "absent";
    }
}
