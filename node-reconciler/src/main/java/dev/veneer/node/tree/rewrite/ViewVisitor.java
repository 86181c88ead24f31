package dev.veneer.node.tree.rewrite;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.ManifestEntry;

/**
 * Gets the paths in which a view may differ from its base, in the order of a manifest. Paths that are not told are as
 * the base has them.
 */
public interface ViewVisitor {
    /**
     * A path that the view has. A directory comes before what is in it.
     *
     * @param path valid during this call only
     */
    void present(ViewPath path) throws LinuxException, NodeException;

    /**
     * A path of the base that the view does not have; what the base has below it is not told.
     *
     * @param record the base's
     */
    void absent(ManifestEntry record) throws LinuxException, NodeException;

    /** A directory that was told, after all that is in it. */
    default void leave(byte[] directory) throws LinuxException, NodeException {}
}
