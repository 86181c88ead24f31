package dev.veneer.node.tree.coupled.record;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.merge.MergeTree;
import dev.veneer.node.tree.merge.ThreeTrees;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A tree that a merger reads within a budget; beyond it every look is a {@link MalformedState}. */
public final class LimitedTree implements MergeTree {
    private final MergeTree tree;
    private final ReadingBudget budget;

    private LimitedTree(MergeTree tree, ReadingBudget budget) {
        this.tree = tree;
        this.budget = budget;
    }

    /** The same trees, for one merger. */
    public static ThreeTrees of(ThreeTrees trees) {
        ReadingBudget budget = new ReadingBudget();
        return new ThreeTrees(
                new LimitedTree(trees.oldBase(), budget),
                new LimitedTree(trees.newBase(), budget),
                new LimitedTree(trees.sliver(), budget));
    }

    ReadingBudget budget() {
        return budget;
    }

    @Override
    public @Nullable Identity find(Bytes path) throws LinuxException, NodeException {
        budget.paths(path, 1);
        return tree.find(path);
    }

    @Override
    public Bytes digest(Bytes path, MessageDigest algorithm) throws LinuxException, NodeException {
        Identity identity = tree.find(path);
        budget.digest(path, identity == null || identity.type() != FileType.REGULAR ? 0 : identity.size());
        return tree.digest(path, algorithm);
    }

    @Override
    public Bytes content(Bytes path, int limit) throws LinuxException, NodeException {
        Identity identity = tree.find(path);
        budget.read(path, identity == null ? 0 : Math.min(identity.size(), limit));
        return tree.content(path, limit);
    }

    @Override
    public List<Bytes> names(Bytes directory) throws LinuxException, NodeException {
        List<Bytes> names = tree.names(directory);
        budget.paths(directory, names.size());
        return names;
    }
}
