package dev.veneer.node.tree.rewrite;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Identity;
import java.util.List;

/**
 * The form in which a new revision holds its steps: an overlay's upper directory, which is empty at first and says what
 * is gone, or a whole tree, which is a clone of the base at first. Directories are open descriptors in the target.
 */
interface Target {
    /** Whether it is an overlay's upper directory. */
    boolean isUpper();

    /**
     * Makes a directory that is not there yet and takes away what is in its place; when it is there, makes it fit to be
     * changed.
     */
    void openDirectory(int parent, byte[] name) throws LinuxException, NodeException;

    /** Takes away what the base gives and the view does not have. */
    void delete(int parent, byte[] path, byte[] name, List<byte[]> whiteouts) throws LinuxException, NodeException;

    /** Makes room for a file. */
    void clear(int parent, byte[] name) throws LinuxException, NodeException;

    /** Ends a directory: nothing more comes into it. */
    void close(int directory, byte[] path, Identity identity, List<byte[]> whiteouts)
            throws LinuxException, NodeException;

    /** Ends the target, when all directories are closed. */
    default void finish() throws LinuxException, NodeException {}
}
