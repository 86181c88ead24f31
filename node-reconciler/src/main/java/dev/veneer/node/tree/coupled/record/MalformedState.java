package dev.veneer.node.tree.coupled.record;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.TreePath;

/** A state file that cannot be read as what it should be. Its whole set is then decided together, as one conflict. */
public final class MalformedState extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * @param path of the file
     * @param what is wrong with it, such as {@code names root twice}
     */
    public MalformedState(Bytes path, String what) {
        super(TreePath.show(path.array()) + " " + what);
    }
}
