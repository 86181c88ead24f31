package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.Claims;
import dev.veneer.node.tree.coupled.CoupledState;
import dev.veneer.node.tree.coupled.record.ClaimList;
import dev.veneer.node.tree.coupled.record.Difference;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.merge.Resolver;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.merge.Verdict;
import java.util.ArrayList;
import java.util.List;

/** Merges Alpine's package database, by package, and what its owner asked for, by name. */
public final class Apk implements CoupledState {
    @Override
    public String name() {
        return "apk";
    }

    @Override
    public Claims claim(ThreeTrees trees, Resolver resolver) throws LinuxException, NodeException {
        ClaimList claims = new ClaimList(trees, resolver);
        try {
            Bytes before = ApkDatabase.root(trees.oldBase());
            Bytes base = ApkDatabase.root(trees.newBase());
            Bytes own = ApkDatabase.root(trees.sliver());
            boolean changed = before != null
                    && base != null
                    && (!before.equals(base)
                            || Difference.changed(trees, Side.NEW_BASE, Octets.below(before, ApkDatabase.INSTALLED)));
            if (before == null || base == null || own == null) {
                claims.whole(databasePaths(), Verdict.COUPLED, "apk: its database is not on both sides");
                worldAlone(trees, claims);
            } else if (changed) {
                new ApkMerge(
                                trees,
                                claims,
                                ApkDatabase.read(trees.oldBase(), before),
                                ApkDatabase.read(trees.newBase(), base),
                                ApkDatabase.read(trees.sliver(), own))
                        .run();
            } else {
                worldAlone(trees, claims);
            }
            return claims.done();
        } catch (MalformedState e) {
            // What was decided before it turned out is not done: the set is never half merged.
            ClaimList whole = new ClaimList(trees, resolver);
            List<Bytes> paths = databasePaths();
            paths.add(ApkWorld.PATH);
            whole.whole(paths, Verdict.COUPLED, "apk: " + e.getMessage());
            return whole.done();
        }
    }

    /** The new base changed no package. */
    private static void worldAlone(ThreeTrees trees, ClaimList claims)
            throws LinuxException, NodeException, MalformedState {
        WorldMerge world = new WorldMerge(
                trees,
                claims,
                ApkWorld.read(trees.oldBase()),
                ApkWorld.read(trees.newBase()),
                ApkWorld.read(trees.sliver()));
        world.write(world.merged());
    }

    private static List<Bytes> databasePaths() {
        List<Bytes> paths = new ArrayList<>();
        for (Bytes root : ApkDatabase.ROOTS) {
            paths.add(Octets.below(root, ApkDatabase.INSTALLED));
            paths.add(Octets.below(root, ApkDatabase.TRIGGERS));
            ApkDatabase.SCRIPTS.forEach(name -> paths.add(Octets.below(root, name)));
        }
        return paths;
    }
}
