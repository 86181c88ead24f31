package dev.veneer.node.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

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
 * @param promises the host ids that slivers of the node's other stores have
 */
public record NodeFacts(
        String nodeName,
        String storePath,
        String rootfsDirectory,
        long freeBytes,
        long totalBytes,
        boolean readOnly,
        List<DriverFacts> drivers,
        String lxcUnavailable,
        List<RangePromise> promises) {
    public NodeFacts {
        drivers = List.copyOf(drivers);
        promises = List.copyOf(promises);
    }

    /** The same with other space. */
    public NodeFacts withSpace(long free, long total) {
        return new NodeFacts(
                nodeName, storePath, rootfsDirectory, free, total, readOnly, drivers, lxcUnavailable, promises);
    }

    /** What another store says of some of these ids, or null when none has any of them. */
    public @Nullable RangePromise promiseOf(IdRange range) {
        for (RangePromise promise : promises) {
            if (promise.overlaps(range)) {
                return promise;
            }
        }
        return null;
    }
}
