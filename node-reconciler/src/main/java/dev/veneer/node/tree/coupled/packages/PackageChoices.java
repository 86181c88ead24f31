package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.Verdict;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** From which side each package comes. */
final class PackageChoices<R> {
    private final PackageTable<R> oldBase;
    private final PackageTable<R> newBase;
    private final PackageTable<R> sliver;
    private final Map<PackageKey, Choice> choices = new LinkedHashMap<>();

    /**
     * A package's side.
     *
     * @param verdict what was found
     * @param both whether the sliver and the new base have the package the same, so that it comes from both
     */
    record Choice(Side side, Verdict verdict, boolean both) {}

    PackageChoices(
            PackageTable<R> oldBase, PackageTable<R> newBase, PackageTable<R> sliver, Comparator<Bytes> versions) {
        this.oldBase = oldBase;
        this.newBase = newBase;
        this.sliver = sliver;
        Set<PackageKey> keys = new LinkedHashSet<>(newBase.packages().keySet());
        keys.addAll(sliver.packages().keySet());
        keys.addAll(oldBase.packages().keySet());
        for (PackageKey key : keys) {
            choices.put(key, decide(oldBase.get(key), newBase.get(key), sliver.get(key), versions));
        }
    }

    private static Choice decide(
            @Nullable InstalledPackage<?> before,
            @Nullable InstalledPackage<?> base,
            @Nullable InstalledPackage<?> own,
            Comparator<Bytes> versions) {
        boolean ownChanged = !InstalledPackage.same(before, own);
        boolean baseChanged = !InstalledPackage.same(before, base);
        if (InstalledPackage.same(base, own)) {
            return new Choice(Side.NEW_BASE, ownChanged ? Verdict.CONVERGED : Verdict.FOLLOWED, true);
        }
        if (!ownChanged) {
            return new Choice(Side.NEW_BASE, Verdict.FOLLOWED, false);
        }
        if (!baseChanged) {
            return new Choice(Side.SLIVER, Verdict.KEPT, false);
        }
        if (!InstalledPackage.hasFiles(own)) {
            // Purged or removed there: it stays so. What never was of the base does not hinder it from coming.
            boolean removed = InstalledPackage.hasFiles(before);
            return new Choice(removed ? Side.SLIVER : Side.NEW_BASE, removed ? Verdict.KEPT : Verdict.MERGED, false);
        }
        boolean newer = base != null
                && InstalledPackage.hasFiles(base)
                && own != null
                && versions.compare(base.version(), own.version()) >= 0;
        return new Choice(newer ? Side.NEW_BASE : Side.SLIVER, Verdict.MERGED, false);
    }

    Set<PackageKey> keys() {
        return choices.keySet();
    }

    Choice get(PackageKey key) {
        Choice choice = choices.get(key);
        return choice == null ? new Choice(Side.NEW_BASE, Verdict.FOLLOWED, true) : choice;
    }

    /** A conflict was settled: the package comes from this side, whatever it was before. */
    void force(PackageKey key, Side side) {
        choices.put(key, new Choice(side, Verdict.COUPLED, get(key).both()));
    }

    PackageTable<R> table(Side side) {
        return switch (side) {
            case OLD_BASE -> oldBase;
            case NEW_BASE -> newBase;
            case SLIVER -> sliver;
        };
    }

    /** The package as the merged set has it, or null. */
    @Nullable
    InstalledPackage<R> chosen(PackageKey key) {
        return table(get(key).side()).get(key);
    }

    /** All packages of the merged set. */
    Map<PackageKey, InstalledPackage<R>> merged() {
        Map<PackageKey, InstalledPackage<R>> merged = new LinkedHashMap<>();
        for (PackageKey key : choices.keySet()) {
            InstalledPackage<R> chosen = chosen(key);
            if (chosen != null) {
                merged.put(key, chosen);
            }
        }
        return merged;
    }

    /** What a file that holds records of all packages is: merged, or a conflict that was settled. */
    Verdict verdict() {
        boolean forced = choices.values().stream().anyMatch(choice -> choice.verdict() == Verdict.COUPLED);
        return forced ? Verdict.COUPLED : Verdict.MERGED;
    }

    /** For people. */
    String summary() {
        long own = choices.values().stream()
                .filter(choice -> choice.side() == Side.SLIVER)
                .count();
        long base = choices.values().stream()
                .filter(choice -> choice.side() == Side.NEW_BASE && !choice.both())
                .count();
        return own + " packages of the sliver, " + base + " of the new base";
    }

    /** Whether any package does not come from both sides alike. */
    boolean differ() {
        return choices.values().stream().anyMatch(choice -> !choice.both());
    }
}
