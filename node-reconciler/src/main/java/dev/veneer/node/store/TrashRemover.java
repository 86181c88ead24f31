package dev.veneer.node.store;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.SliverId;

/**
 * Removes trees whose content only a driver or a tree walker knows how to take away. Both methods may be called again
 * for what an interrupted call left.
 */
public interface TrashRemover {
    /**
     * Removes everything in a revision's directory; the directory itself stays.
     *
     * @param driver the driver that made it; empty when nothing tells any more
     * @param directory absolute path, in the trash or in staging
     */
    void emptyRevision(String driver, SliverId sliver, int revision, String directory)
            throws LinuxException, NodeException;

    /** Removes a base's tree, its root directory or subvolume included. */
    void removeForm(BaseForm form, String path) throws LinuxException, NodeException;
}
