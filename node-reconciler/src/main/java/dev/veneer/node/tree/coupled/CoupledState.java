package dev.veneer.node.tree.coupled;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.merge.Resolver;
import dev.veneer.node.tree.merge.ThreeTrees;

/**
 * A merger of one kind of coupled state. It looks at the three trees, claims the paths whose fate must be decided
 * together, and says what becomes of each. What it does not claim is decided path by path. It holds no state, writes
 * nothing, runs nothing, and trusts no file of the sliver: what does not parse is one conflict for its whole set, and a
 * claim never reaches outside what the state itself consists of.
 */
public interface CoupledState {
    /** As reports and documents call it, such as {@code dpkg}. */
    String name();

    /**
     * Decides. Called once for a rebase; nothing is claimed where neither the sliver nor the new base changed anything.
     *
     * @param resolver settles what does not go together
     */
    Claims claim(ThreeTrees trees, Resolver resolver) throws LinuxException, NodeException;
}
