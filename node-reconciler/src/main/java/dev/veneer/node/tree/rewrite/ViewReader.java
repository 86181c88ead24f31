package dev.veneer.node.tree.rewrite;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;

/** Tells in which paths a view may differ from its base. */
public interface ViewReader {
    /**
     * Reads.
     *
     * @throws ForeignLayerException when the view cannot be told from what is stored
     */
    void read(ViewVisitor visitor) throws LinuxException, NodeException, ForeignLayerException;
}
