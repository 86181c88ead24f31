package dev.veneer.node.driver;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;

/**
 * What a driver can do whose file system copies a whole writable store at one instant, used or not. Others are copied
 * file by file.
 */
public interface SnapshotPower {
    /**
     * Copies a writable store as it is at this instant.
     *
     * @param from a store of this driver, which may be in use
     * @param to an existing, empty directory
     * @return false, with nothing done, when this store cannot be copied so, and is to be copied file by file
     */
    boolean snapshot(WritableStore from, WritableStore to) throws LinuxException, NodeException;

    /**
     * Makes what a store is copied into file by file.
     *
     * @param store an existing, empty directory, which gets an empty whole tree
     */
    void makeEmpty(WritableStore store) throws LinuxException, NodeException;
}
