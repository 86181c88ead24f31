package dev.veneer.node.tree.rewrite;

import dev.veneer.node.tree.TreePath;

/**
 * An upper directory holds what another overlay's options left there, and only the kernel can tell what is seen: the
 * mounted view has to be read instead.
 */
public final class ForeignLayerException extends Exception {
    private static final long serialVersionUID = 1L;

    ForeignLayerException(byte[] path) {
        super(TreePath.show(path) + " borrows from another place of the layers below");
    }
}
