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
import dev.veneer.node.tree.coupled.record.Stanza;
import dev.veneer.node.tree.merge.MergeTree;
import dev.veneer.node.tree.merge.Resolver;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.merge.Verdict;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Merges the package database of OpenWrt, by package. */
public final class Opkg implements CoupledState {
    private static final List<Bytes> ROOTS = List.of(Bytes.utf8("usr/lib/opkg"), Bytes.utf8("var/lib/opkg"));

    @Override
    public String name() {
        return "opkg";
    }

    @Override
    public Claims claim(ThreeTrees trees, Resolver resolver) throws LinuxException, NodeException {
        ClaimList claims = new ClaimList(trees, resolver);
        for (Bytes root : ROOTS) {
            Bytes status = Octets.below(root, OpkgDatabase.STATUS);
            if (trees.oldBase().find(status) == null || !Difference.changed(trees, Side.NEW_BASE, status)) {
                continue;
            }
            try {
                merge(trees, root, claims);
            } catch (MalformedState e) {
                ClaimList whole = new ClaimList(trees, resolver);
                whole.whole(databasePaths(trees, root), Verdict.COUPLED, "opkg: " + e.getMessage());
                return whole.done();
            }
        }
        return claims.done();
    }

    private static List<Bytes> databasePaths(ThreeTrees trees, Bytes root) throws LinuxException, NodeException {
        Set<Bytes> paths = new LinkedHashSet<>(List.of(Octets.below(root, OpkgDatabase.STATUS)));
        Bytes info = Octets.below(root, OpkgDatabase.INFO);
        for (MergeTree tree : List.of(trees.newBase(), trees.sliver())) {
            for (Bytes name : tree.names(info)) {
                if (paths.size() > ClaimList.MOST_TOGETHER) {
                    return List.copyOf(paths);
                }
                paths.add(Octets.below(info, name));
            }
        }
        return List.copyOf(paths);
    }

    private static void merge(ThreeTrees trees, Bytes root, ClaimList claims)
            throws LinuxException, NodeException, MalformedState {
        OpkgDatabase oldBase = OpkgDatabase.read(trees.oldBase(), root, null);
        OpkgDatabase newBase = OpkgDatabase.read(trees.newBase(), root, null);
        OpkgDatabase sliver = OpkgDatabase.read(trees.sliver(), root, oldBase);
        PackageChoices<Stanza> choices =
                new PackageChoices<>(oldBase.table(), newBase.table(), sliver.table(), DebianVersion::compare);
        Bytes status = Octets.below(root, OpkgDatabase.STATUS);
        for (PackageKey key : choices.keys()) {
            for (OpkgDatabase database : List.of(oldBase, newBase, sliver)) {
                database.paths(key);
            }
        }
        new RelationCheck<>(status, choices, claims, key -> newBase.info().paths(key), PackageSet.in(status)).run();
        claims.write(status, DpkgStatus.merged(choices), Verdict.MERGED, choices.summary());
        for (PackageKey key : choices.keys()) {
            PackageChoices.Choice choice = choices.get(key);
            Set<Bytes> info = new LinkedHashSet<>(newBase.info().paths(key));
            info.addAll(sliver.info().paths(key));
            for (Bytes path : info) {
                if (!choice.both() && Difference.followed(trees, path) != choice.side()) {
                    claims.take(path, choice.side(), choice.verdict(), "of package " + key.name());
                }
            }
        }
        OwnedFiles files = new OwnedFiles(trees, choices, claims, "-opkg", SharedState::contains, path -> null);
        files.read();
        files.claim();
    }
}
