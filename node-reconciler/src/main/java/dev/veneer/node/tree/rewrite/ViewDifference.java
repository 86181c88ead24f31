package dev.veneer.node.tree.rewrite;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.TreePath;

/**
 * A path that is not what it must be.
 *
 * @param path in the view
 * @param what for people
 */
public record ViewDifference(Bytes path, String what) {
    @Override
    public String toString() {
        return TreePath.show(path.array()) + " " + what;
    }
}
