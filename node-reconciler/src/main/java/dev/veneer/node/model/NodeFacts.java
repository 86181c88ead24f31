package dev.veneer.node.model;

import java.util.List;

/**
 * Facts of the node and its store that are not about one object.
 *
 * @param nodeName this node's name
 * @param storePath absolute path of the store
 * @param rootfsDirectory absolute path of the directory below which default rootfs directories lie
 * @param freeBytes bytes free on the store's file system
 * @param totalBytes size of that file system in bytes
 * @param readOnly whether the store cannot be written
 * @param drivers all drivers, in order of preference
 * @param lxcUnavailable why LXC cannot be used and what to do, or empty when it can
 */
public record NodeFacts(
        String nodeName,
        String storePath,
        String rootfsDirectory,
        long freeBytes,
        long totalBytes,
        boolean readOnly,
        List<DriverFacts> drivers,
        String lxcUnavailable) {
    public NodeFacts {
        drivers = List.copyOf(drivers);
    }

    /** The same with other space. */
    public NodeFacts withSpace(long free, long total) {
        return new NodeFacts(nodeName, storePath, rootfsDirectory, free, total, readOnly, drivers, lxcUnavailable);
    }
}
