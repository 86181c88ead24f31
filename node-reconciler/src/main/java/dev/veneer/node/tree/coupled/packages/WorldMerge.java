package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.ClaimList;
import dev.veneer.node.tree.coupled.record.StateFile;
import dev.veneer.node.tree.coupled.record.ThreeWay;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.merge.Verdict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Merges what the owners of the two sides asked apk for, by name. */
final class WorldMerge {
    private final ThreeTrees trees;
    private final ClaimList claims;
    private final ApkWorld base;
    private final ApkWorld sliver;
    private final ApkWorld merged;

    /** Settles what both sides ask of one name, differently. */
    WorldMerge(ThreeTrees trees, ClaimList claims, ApkWorld oldBase, ApkWorld newBase, ApkWorld sliver) {
        this.trees = trees;
        this.claims = claims;
        this.base = newBase;
        this.sliver = sliver;
        merged = new ApkWorld(ThreeWay.table(oldBase.byName(), newBase.byName(), sliver.byName(), this::settle));
    }

    private @Nullable List<ApkDependency> settle(
            String name,
            @Nullable List<ApkDependency> before,
            @Nullable List<ApkDependency> ofBase,
            @Nullable List<ApkDependency> own) {
        if (ofBase == null || own == null) {
            return ofBase == null ? own : ofBase; // who still asks for it has looked at it more closely
        }
        String detail = words(own) + " is asked for in the sliver, " + words(ofBase) + " in the new base";
        Side side = claims.settledSide(Verdict.BOTH_CHANGED, List.of(ApkWorld.PATH), detail);
        return side == Side.NEW_BASE ? ofBase : own;
    }

    private static String words(List<ApkDependency> asked) {
        return String.join(" ", asked.stream().map(ApkDependency::text).toList());
    }

    ApkWorld merged() {
        return merged;
    }

    /**
     * Without what no longer holds since a conflict was settled; where the package is still there, its name alone is asked
     * for.
     *
     * @param broken texts of what does not hold and did before
     */
    ApkWorld without(Set<String> broken, Relations packages) {
        Map<String, List<ApkDependency>> left = new LinkedHashMap<>();
        merged.byName().forEach((name, asked) -> {
            List<ApkDependency> holding =
                    asked.stream().filter(each -> !broken.contains(each.text())).toList();
            if (!holding.isEmpty()) {
                left.put(name, holding);
            } else if (!packages.named(name).isEmpty() && !asked.get(0).excludes()) {
                left.put(name, List.of(new ApkDependency(false, name, "", "", name)));
            }
        });
        return new ApkWorld(left);
    }

    /** Claims the file where it comes out otherwise than by its path alone. */
    void write(ApkWorld world) throws LinuxException, NodeException {
        if (trees.newBase().find(ApkWorld.PATH) == null || trees.sliver().find(ApkWorld.PATH) == null) {
            return;
        }
        Bytes content = world.text();
        // Blanks and the order of lines that a side has stay as they are.
        for (Side side : List.of(Side.NEW_BASE, Side.SLIVER)) {
            if (world.equals(side == Side.NEW_BASE ? base : sliver)) {
                content = trees.of(side).content(ApkWorld.PATH, StateFile.LIMIT);
                break;
            }
        }
        claims.write(ApkWorld.PATH, content, Verdict.MERGED, world.all().size() + " packages asked for");
    }
}
