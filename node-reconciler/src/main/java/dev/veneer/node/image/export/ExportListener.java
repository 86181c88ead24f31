package dev.veneer.node.image.export;

import dev.veneer.node.failure.NodeException;

/** Hears how an export goes on, on the exporting thread. */
public interface ExportListener {
    /** So many more bytes of contents were read. */
    void read(long bytes);

    /**
     * Called between entries and parts of contents.
     *
     * @throws NodeException to give up
     */
    void checkpoint() throws NodeException;
}
