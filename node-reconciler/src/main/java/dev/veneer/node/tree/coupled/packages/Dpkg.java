package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.TreePath;
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
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Merges Debian's package database: status, info, files, diversions, alternatives and what else goes with a package. */
public final class Dpkg implements CoupledState {
    private static final List<Bytes> SINGLE_FILES = List.of(
            DpkgDatabase.STATUS,
            Diversions.PATH,
            Bytes.utf8("var/lib/dpkg/statoverride"),
            Bytes.utf8("var/lib/dpkg/arch"));

    private static final List<Bytes> DIRECTORIES = List.of(
            DpkgDatabase.INFO,
            AlternativesMerge.DIRECTORY,
            Bytes.utf8("var/lib/dpkg/triggers"),
            Bytes.utf8("var/lib/dpkg/updates"));

    @Override
    public String name() {
        return "dpkg";
    }

    @Override
    public Claims claim(ThreeTrees trees, Resolver resolver) throws LinuxException, NodeException {
        ClaimList claims = new ClaimList(trees, resolver);
        boolean none = trees.newBase().find(DpkgDatabase.STATUS) == null
                && trees.sliver().find(DpkgDatabase.STATUS) == null;
        if (none || !Difference.changed(trees, Side.NEW_BASE, DpkgDatabase.STATUS)) {
            // Without a package that the new base has otherwise, paths alone come out right, but in the registers.
            if (!none) {
                registers(trees, claims);
            }
            return claims.done();
        }
        try {
            Merging merging = new Merging(trees, claims);
            merging.run();
            return claims.done();
        } catch (MalformedState e) {
            // What was decided before it turned out is not done: the set is never half merged.
            ClaimList whole = new ClaimList(trees, resolver);
            whole.whole(databasePaths(trees), Verdict.COUPLED, "dpkg: " + e.getMessage());
            return whole.done();
        }
    }

    /** The new base changed no package but perhaps alternatives. */
    private static void registers(ThreeTrees trees, ClaimList claims) throws LinuxException, NodeException {
        new AlternativesMerge(trees, claims, path -> false).claim();
    }

    /** All that dpkg keeps of packages, in both trees. */
    private static List<Bytes> databasePaths(ThreeTrees trees) throws LinuxException, NodeException {
        Set<Bytes> paths = new LinkedHashSet<>(SINGLE_FILES);
        for (MergeTree tree : List.of(trees.newBase(), trees.sliver())) {
            for (Bytes directory : DIRECTORIES) {
                for (Bytes name : tree.names(directory)) {
                    if (paths.size() > ClaimList.MOST_TOGETHER) {
                        return List.copyOf(paths);
                    }
                    paths.add(Octets.below(directory, name));
                }
            }
        }
        return List.copyOf(paths);
    }

    private static final class Merging {
        private final ThreeTrees trees;
        private final ClaimList claims;
        private final DpkgDatabase oldBase;
        private final DpkgDatabase newBase;
        private final DpkgDatabase sliver;
        private final PackageChoices<Stanza> choices;

        Merging(ThreeTrees trees, ClaimList claims) throws LinuxException, NodeException, MalformedState {
            this.trees = trees;
            this.claims = claims;
            oldBase = DpkgDatabase.read(trees.oldBase());
            newBase = DpkgDatabase.read(trees.newBase());
            sliver = DpkgDatabase.read(trees.sliver());
            newBase.checkAgainst(oldBase, trees.newBase());
            sliver.checkAgainst(oldBase, trees.sliver());
            choices = new PackageChoices<>(oldBase.table(), newBase.table(), sliver.table(), DebianVersion::compare);
        }

        void run() throws LinuxException, NodeException, MalformedState {
            DpkgRegisters registers = new DpkgRegisters(trees, choices, claims);
            registers.check();
            // Of what does not parse is told before anything is settled: settled conflicts are noted.
            for (PackageKey key : choices.keys()) {
                for (DpkgDatabase database : List.of(oldBase, newBase, sliver)) {
                    if (!choices.get(key).both()) {
                        database.files().listed(key);
                    }
                }
            }
            new RelationCheck<>(
                            DpkgDatabase.STATUS, choices, claims, this::rulePaths, PackageSet.in(DpkgDatabase.STATUS))
                    .run();
            DiversionMerge diversions = new DiversionMerge(trees, claims, oldBase, newBase, sliver);
            Map<Bytes, Side> overriding = registers.overriding();
            OwnedFiles files = new OwnedFiles(
                    trees,
                    choices,
                    claims,
                    ".dpkg-dist",
                    path -> SharedState.contains(path) || diversions.paths().contains(path),
                    path -> overriding.get(path));
            files.read();
            claims.write(DpkgDatabase.STATUS, DpkgStatus.merged(choices), choices.verdict(), choices.summary());
            info();
            diversions.claim();
            registers.claim(files.owners());
            new AlternativesMerge(trees, claims, path -> isOfNewBase(files, path)).claim();
            files.claim();
            registers.rerunOverrides();
        }

        /** What rules can say of a package: the path of its list of files. */
        private List<Bytes> rulePaths(PackageKey key) {
            Set<Bytes> paths = new LinkedHashSet<>();
            for (DpkgDatabase database : List.of(sliver, newBase)) {
                Bytes list = database.files().info().path(key, "list");
                if (list != null) {
                    paths.add(list);
                }
            }
            return List.copyOf(paths);
        }

        /** All files of a package in {@code info} come from its side. Looked up in the order of manifests. */
        private void info() throws LinuxException, NodeException {
            SortedMap<Bytes, PackageKey> all = new TreeMap<>((a, b) -> TreePath.compare(a.array(), b.array()));
            for (PackageKey key : choices.keys()) {
                for (DpkgDatabase database : List.of(newBase, sliver, oldBase)) {
                    database.files().info().paths(key).forEach(path -> all.putIfAbsent(path, key));
                }
            }
            for (Map.Entry<Bytes, PackageKey> each : all.entrySet()) {
                Bytes path = each.getKey();
                PackageChoices.Choice choice = choices.get(each.getValue());
                Side alone = Difference.followed(trees, path);
                boolean kept = choice.both() && alone != null;
                if (kept || alone == choice.side()) {
                    claims.follow(path, choice.side());
                } else {
                    claims.take(
                            path,
                            choice.side(),
                            choice.verdict(),
                            "of package " + each.getValue().name());
                }
            }
        }

        private boolean isOfNewBase(OwnedFiles files, Bytes program) {
            Bytes path = Octets.tail(program, 1);
            Owners owners = files.owners().get(path);
            if (owners == null && MergedUsr.isOld(path)) {
                owners = files.owners().get(Octets.concat(Octets.of("usr/"), path));
            }
            return owners == null || owners.wantedOfBase;
        }
    }
}
