package dev.veneer.node.execute;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.MountEntry;
import dev.veneer.node.model.MountSpec;
import dev.veneer.node.model.RootfsMount;
import dev.veneer.node.observe.MountTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells which writable stores something uses, before they are mounted, switched or removed: a second mount of a living
 * store would destroy it, and the kernel does not refuse it.
 *
 * <ol>
 *   <li>The mount tables of all namespaces, this one too, are searched for the stores.
 *   <li>For overlays the kernel is asked ({@link OverlayProbe}), which also sees what no table shows.
 *   <li>For bind mounts, which it cannot see, the processes' working directories, roots, programs, open and mapped files
 *       are looked at ({@link Places}).
 * </ol>
 *
 * <p>Not seen is what no process shows: a descriptor on its way through a socket, a mount namespace that only a descriptor
 * or a bind mount keeps alive, files mapped by a process that does not let its memory be looked at ({@link MappedFiles}),
 * and what is used in a subvolume or mount below the store's directory by a mount that no table has.
 */
final class InUseProbe {
    private static final Duration MOMENT = Duration.ofSeconds(1);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    private final LinuxCalls calls;
    private final OverlayProbe overlays;

    /**
     * A probe for one store.
     *
     * @param scratch an existing directory on the store's file system for short-lived directories, emptied in recovery
     */
    InUseProbe(LinuxCalls calls, String scratch) {
        this.calls = calls;
        this.overlays = new OverlayProbe(calls, scratch);
    }

    /**
     * Which of these are in use.
     *
     * @return only those in use, each with who uses it, for people
     */
    Map<RootfsMount, String> check(List<RootfsMount> mounts) throws LinuxException {
        Map<RootfsMount, String> used = new LinkedHashMap<>();
        if (mounts.isEmpty()) {
            return used;
        }
        List<NamespaceTables.Namespace> namespaces = NamespaceTables.read(calls);
        Recognition recognition = new Recognition(mounts, MountTable.read(calls));
        Map<RootfsMount, String> labelled = new LinkedHashMap<>();
        inTables(namespaces, recognition, used, labelled);
        inOverlays(mounts, labelled, used);
        inProcesses(mounts, namespaces, recognition, used);
        return used;
    }

    /**
     * Looks at all mount tables. A bind mount is known by its place; an overlay's label only tells its name, which a
     * sliver of another store on this machine may have too, so there the kernel's word decides.
     */
    private void inTables(
            List<NamespaceTables.Namespace> namespaces,
            Recognition recognition,
            Map<RootfsMount, String> used,
            Map<RootfsMount, String> labelled)
            throws LinuxException {
        HolderScan scan = new HolderScan(calls);
        for (NamespaceTables.Namespace namespace : namespaces) {
            for (MountEntry entry : namespace.table().entries()) {
                RootfsMount mount = recognition.of(entry);
                if (mount != null && !used.containsKey(mount) && !labelled.containsKey(mount)) {
                    int pid = namespace.pid();
                    Holder holder = new Holder(pid, scan.command(pid), entry.target(), "mount");
                    boolean certain = mount.spec() instanceof MountSpec.Bind;
                    (certain ? used : labelled).put(mount, "a mount in the namespace of " + holder);
                }
            }
        }
    }

    private void inOverlays(List<RootfsMount> mounts, Map<RootfsMount, String> labelled, Map<RootfsMount, String> used)
            throws LinuxException {
        Map<String, RootfsMount> uppers = new LinkedHashMap<>();
        for (RootfsMount mount : mounts) {
            if (mount.spec() instanceof MountSpec.Overlay overlay && !used.containsKey(mount)) {
                uppers.put(overlay.layers() + "/" + overlay.upper(), mount);
            }
        }
        for (String busy : lasting(uppers, labelled.keySet())) {
            RootfsMount mount = uppers.get(busy);
            if (mount != null) {
                used.put(
                        mount,
                        labelled.getOrDefault(
                                mount,
                                "an overlay that is in no mount table: detached, and some process still holds it"
                                        + " open"));
            }
        }
    }

    /**
     * The uppers in use, but those that are let go in a moment: of what was unmounted just now, a process that ends or is in the
     * middle of a system call may still hold something, and no table says so.
     */
    private Set<String> lasting(Map<String, RootfsMount> uppers, Set<RootfsMount> shown) throws LinuxException {
        Set<String> busy = overlays.inUse(uppers.keySet());
        long end = System.nanoTime() + MOMENT.toNanos();
        while (System.nanoTime() - end < 0 && busy.stream().anyMatch(upper -> !shown.contains(uppers.get(upper)))) {
            try {
                Thread.sleep(LOOK_AGAIN.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return busy;
            }
            busy = overlays.inUse(busy);
        }
        return busy;
    }

    private void inProcesses(
            List<RootfsMount> mounts,
            List<NamespaceTables.Namespace> namespaces,
            Recognition recognition,
            Map<RootfsMount, String> used)
            throws LinuxException {
        List<RootfsMount> candidates = mounts.stream()
                .filter(mount -> mount.spec() instanceof MountSpec.Bind && !used.containsKey(mount))
                .toList();
        Places places = Places.of(calls, candidates, namespaces, recognition);
        if (places.isEmpty()) {
            return;
        }
        int self = Math.toIntExact(ProcessHandle.current().pid());
        List<RootfsMount> found = new ArrayList<>();
        HolderScan scan = new HolderScan(calls);
        for (int pid : scan.processes()) {
            if (pid == self) {
                continue;
            }
            Holder holder;
            do {
                // One process may hold several; each time around finds at least one that was not known.
                holder = scan.first(pid, places.devices(), open -> {
                    found.addAll(places.holding(open));
                    found.removeIf(used::containsKey);
                    return !found.isEmpty();
                });
                for (RootfsMount mount : found) {
                    used.put(mount, String.valueOf(holder));
                }
                found.clear();
            } while (holder != null);
        }
    }
}
