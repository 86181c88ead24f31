package dev.veneer.node.tree.coupled;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.Rerun;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.coupled.record.Difference;
import dev.veneer.node.tree.coupled.record.LimitedTree;
import dev.veneer.node.tree.merge.Conflict;
import dev.veneer.node.tree.merge.MemoryTree;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.Outcome;
import dev.veneer.node.tree.merge.Resolver;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.ThreeTrees;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * What a rebase would make of three trees in memory: the mergers first, then each path by itself, written as plainly as
 * possible.
 */
public final class MergedTree {
    /** What came out. */
    public final MemoryTree tree = new MemoryTree();

    /** What the mergers asked. */
    public final List<Conflict> asked = new ArrayList<>();

    /** Paths that conflict by themselves and no built-in rule knows. */
    public final List<String> conflicts = new ArrayList<>();

    /** What the mergers claimed. */
    public final Map<Bytes, Claim> claims = new LinkedHashMap<>();

    /** What has to be run. */
    public final List<Rerun> reruns = new ArrayList<>();

    public MergedTree(MemoryTree oldBase, MemoryTree newBase, MemoryTree sliver, OnConflict onConflict)
            throws LinuxException, NodeException {
        this(oldBase, newBase, sliver, onConflict, CoupledStates.ALL);
    }

    public MergedTree(
            MemoryTree oldBase,
            MemoryTree newBase,
            MemoryTree sliver,
            OnConflict onConflict,
            List<CoupledState> mergers)
            throws LinuxException, NodeException {
        ThreeTrees trees = new ThreeTrees(oldBase, newBase, sliver);
        Resolver resolver = conflict -> {
            asked.add(conflict);
            return onConflict;
        };
        for (CoupledState merger : mergers) {
            Claims claimed = merger.claim(LimitedTree.of(trees), resolver);
            for (Claim claim : claimed.claims()) {
                if (claims.put(claim.path(), claim) != null) {
                    throw new AssertionError(claim.path() + " is claimed twice, by " + merger.name() + " too");
                }
            }
            reruns.addAll(claimed.reruns());
        }
        TreeSet<Bytes> paths = new TreeSet<>((a, b) -> TreePath.compare(a.array(), b.array()));
        paths.addAll(newBase.paths());
        paths.addAll(sliver.paths());
        paths.addAll(claims.keySet());
        for (Bytes path : paths) {
            Claim claim = claims.get(path);
            if (claim == null) {
                single(trees, path, onConflict);
            } else if (claim.outcome() instanceof Outcome.Write write) {
                tree.file(path, write.content().array(), write.metadata().permissions());
            } else if (claim.outcome() instanceof Outcome.Mixed mixed) {
                Identity metadata =
                        Objects.requireNonNull(trees.of(mixed.metadata()).find(path));
                byte[] content = trees.of(mixed.content())
                        .content(path, Integer.MAX_VALUE)
                        .array();
                tree.file(path, content, metadata.permissions());
            } else if (claim.outcome() instanceof Outcome.TakeNew) {
                copy(trees, Side.NEW_BASE, path);
            } else if (claim.outcome() instanceof Outcome.KeepSliver) {
                copy(trees, Side.SLIVER, path);
            }
        }
    }

    private void single(ThreeTrees trees, Bytes path, OnConflict onConflict) throws LinuxException, NodeException {
        Side side = Difference.followed(trees, path);
        if (side == null) {
            BuiltInRule rule = BuiltInRules.of(path).orElse(null);
            side = rule == null ? null : rule.keeps();
            if (rule != null && !rule.rerun().isEmpty()) {
                Rerun rerun = new Rerun(rule.rerun(), rule.reason());
                reruns.remove(rerun);
                reruns.add(rerun);
            }
        }
        if (side == null) {
            conflicts.add(path.toString());
            side = onConflict == OnConflict.TAKE_BASE ? Side.NEW_BASE : Side.SLIVER;
        }
        copy(trees, side, path);
    }

    private void copy(ThreeTrees trees, Side side, Bytes path) throws LinuxException, NodeException {
        Identity identity = trees.of(side).find(path);
        if (identity != null) {
            switch (identity.type()) {
                case REGULAR ->
                    tree.file(
                            path,
                            trees.of(side).content(path, Integer.MAX_VALUE).array(),
                            identity.permissions());
                default -> tree.put(path, identity);
            }
        }
    }
}
