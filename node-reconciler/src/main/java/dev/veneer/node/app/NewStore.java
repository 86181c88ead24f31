package dev.veneer.node.app;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.DriverRegistry;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statfs;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DriverFacts;
import dev.veneer.node.model.NodeFacts;
import dev.veneer.node.store.IdRangePromises;
import dev.veneer.node.store.StoreLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A node whose store is yet to be made, so that a plan can be made before anything is. */
final class NewStore {
    private NewStore() {}

    /** What can be known of the node without writing: drivers are not tried. */
    static NodeFacts facts(LinuxCalls calls, String root) throws NodeException {
        List<DriverFacts> drivers = new ArrayList<>();
        for (DriverRegistry.Entry entry : DriverRegistry.all(calls).inOrder()) {
            drivers.add(new DriverFacts(
                    entry.driver().name(),
                    entry.driver().form(),
                    true,
                    entry.because() + "; tried when the store is made",
                    entry.driver().capabilities().idmapped(),
                    List.of()));
        }
        String place = nearestExisting(calls, root);
        try {
            int fd = calls.openat2(Abi.AT_FDCWD, PathBytes.of(place), Abi.O_RDONLY | Abi.O_DIRECTORY, 0, 0);
            try {
                Statfs space = calls.fstatfs(fd);
                return new NodeFacts(
                        HostName.read(calls),
                        root,
                        new StoreLayout(root).absoluteRootfsDirectory(),
                        space.availableBytes(),
                        space.totalBytes(),
                        space.readOnly(),
                        drivers,
                        "",
                        IdRangePromises.ofNone(calls, RunDirectory.path()).others());
            } finally {
                calls.close(fd);
            }
        } catch (LinuxException e) {
            throw new NodeException(
                    Reason.Failed,
                    Follow.STALLED,
                    "a store cannot be made at " + root + ": " + e.getMessage() + "; name another --store",
                    e);
        }
    }

    /** Nothing is there. */
    static ActualState state(NodeFacts facts) {
        return new ActualState(
                facts, new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), List.of(), null, new TreeMap<>(), false);
    }

    /** The directory itself or the nearest one above that exists. */
    static String nearestExisting(LinuxCalls calls, String path) {
        String candidate = path;
        while (candidate.length() > 1 && !exists(calls, candidate)) {
            candidate = candidate.substring(0, Math.max(1, candidate.lastIndexOf('/')));
        }
        return candidate;
    }

    static boolean exists(LinuxCalls calls, String path) {
        try {
            calls.statx(Abi.AT_FDCWD, PathBytes.of(path), 0, Abi.STATX_BASIC_STATS, new Statx());
            return true;
        } catch (LinuxException e) {
            return false;
        }
    }
}
