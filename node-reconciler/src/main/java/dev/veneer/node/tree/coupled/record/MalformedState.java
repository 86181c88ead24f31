package dev.veneer.node.tree.coupled.record;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.TreePath;

/**
 * A state file that cannot be read as what it should be, or is more than anybody reads. Its whole set is then decided
 * together, as one conflict.
 */
public final class MalformedState extends NodeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param path of the file
     * @param what is wrong with it, such as {@code names root twice}
     */
    public MalformedState(Bytes path, String what) {
        super(Reason.ContentRefused, Follow.STALLED, TreePath.show(path.array()) + " " + what);
    }
}
