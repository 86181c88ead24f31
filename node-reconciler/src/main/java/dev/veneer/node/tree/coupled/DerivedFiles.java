package dev.veneer.node.tree.coupled;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.Rerun;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.PathPattern;
import dev.veneer.node.tree.coupled.record.ClaimList;
import dev.veneer.node.tree.coupled.record.Difference;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.merge.MergeTree;
import dev.veneer.node.tree.merge.Resolver;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.merge.Verdict;
import java.util.Set;
import java.util.TreeSet;

/**
 * Files that programs make from others, and backups, by the built-in rules that lead to a fixed place. Where only one side
 * changed one, what it is made from came from there whole; where both did, it is made anew in the sliver.
 */
public final class DerivedFiles implements CoupledState {
    private static final int DEPTH = 32;

    @Override
    public String name() {
        return "derived files";
    }

    @Override
    public Claims claim(ThreeTrees trees, Resolver resolver) throws LinuxException, NodeException {
        ClaimList claims = new ClaimList(trees, resolver);
        for (BuiltInRule rule : BuiltInRules.all()) {
            Set<Bytes> paths = new TreeSet<>();
            // What may be anywhere, and what nothing is run for, is left to the decision of single paths.
            boolean anywhere = rule.pattern().startsWith("**/");
            boolean many = rule.pattern().indexOf('*') >= 0;
            if (!anywhere && (!many || !rule.rerun().isEmpty())) {
                Bytes top = fixed(rule.pattern());
                walk(trees.newBase(), top, paths, 0);
                walk(trees.sliver(), top, paths, 0);
            }
            PathPattern pattern = BuiltInRules.pattern(rule);
            for (Bytes path : paths) {
                if (pattern.matches(path.array()) && Difference.followed(trees, path) == null) {
                    claims.take(path, rule.keeps(), Verdict.MERGED, rule.reason());
                    if (!rule.rerun().isEmpty()) {
                        claims.rerun(new Rerun(rule.rerun(), rule.reason()));
                    }
                }
            }
        }
        return claims.done();
    }

    /** The components before the first that is a pattern. */
    private static Bytes fixed(String pattern) {
        int star = pattern.indexOf('*');
        int slash = star < 0 ? pattern.length() : Math.max(0, pattern.lastIndexOf('/', star));
        return Octets.of(pattern.substring(0, slash));
    }

    private static void walk(MergeTree tree, Bytes path, Set<Bytes> found, int depth)
            throws LinuxException, NodeException {
        Identity identity = tree.find(path);
        if (identity == null || depth > DEPTH) {
            return;
        }
        if (identity.type() != FileType.DIRECTORY) {
            found.add(path);
            return;
        }
        for (Bytes name : tree.names(path)) {
            walk(tree, Octets.below(path, name), found, depth + 1);
        }
    }
}
