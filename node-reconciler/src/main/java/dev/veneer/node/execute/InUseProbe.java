package dev.veneer.node.execute;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.MountEntry;
import dev.veneer.node.model.MountSpec;
import dev.veneer.node.model.RootfsMount;
import dev.veneer.node.observe.MountTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells which writable stores something uses, before they are mounted, switched or removed: a second mount of a living
 * store would destroy it, and the kernel does not refuse it.
 *
 * <ol>
 *   <li>The mount tables of all namespaces, this one too, are searched for the stores.
 *   <li>For overlays the kernel is asked ({@link OverlayProbe}), which also sees what no table shows.
 *   <li>For bind mounts, which it cannot see, the processes' working directories, roots, programs and open files are
 *       looked at: what lies in the store's directory, and what is open on a mount that is in no table at all, where it
 *       lies in the store's directory or where that cannot be told and it is on the store's device. (A file that
 *       is only mapped into memory there is not seen.)
 * </ol>
 */
final class InUseProbe {
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
        for (String busy : overlays.inUse(uppers.keySet())) {
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

    private void inProcesses(
            List<RootfsMount> mounts,
            List<NamespaceTables.Namespace> namespaces,
            Recognition recognition,
            Map<RootfsMount, String> used)
            throws LinuxException {
        Map<Long, List<RootfsMount>> byDevice = new HashMap<>();
        for (RootfsMount mount : mounts) {
            if (mount.spec() instanceof MountSpec.Bind bind && !used.containsKey(mount)) {
                Long device = device(bind.directory());
                if (device != null) {
                    byDevice.computeIfAbsent(device, key -> new ArrayList<>()).add(mount);
                }
            }
        }
        if (byDevice.isEmpty()) {
            return;
        }
        Map<Integer, MountEntry> tables = new HashMap<>();
        namespaces.forEach(one -> one.table().entries().forEach(entry -> tables.put(entry.id(), entry)));
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
                holder = scan.first(pid, (open, directory, link) -> {
                    found.addAll(held(open, directory, link, byDevice, tables, recognition));
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

    private List<RootfsMount> held(
            Statx open,
            int directory,
            byte[] link,
            Map<Long, List<RootfsMount>> byDevice,
            Map<Integer, MountEntry> tables,
            Recognition recognition)
            throws LinuxException {
        List<RootfsMount> candidates = byDevice.get(open.dev());
        if (candidates == null) {
            return List.of();
        }
        MountEntry entry = tables.get((int) open.mountId);
        if (entry == null) {
            // A mount in no table: detached or not attached yet. The link tells the path from its root on.
            List<RootfsMount> shown = shown(candidates, calls.readlinkat(directory, link), open);
            return shown.isEmpty() ? candidates : shown;
        }
        String path = new String(calls.readlinkat(directory, link), StandardCharsets.UTF_8);
        if (!path.startsWith(entry.target())) {
            return List.of();
        }
        RootfsMount mount = recognition.at(MountTable.inside(entry, path));
        return mount == null ? List.of() : List.of(mount);
    }

    /**
     * Those in which the very file that is open lies at this path. A directory has one place only and a file of a copy is
     * linked from nowhere outside it, so whoever has it open in one of them has none of the others. Empty when it lies so
     * in none: deleted or renamed meanwhile, or on a mount of something else, so that nothing is known.
     */
    private List<RootfsMount> shown(List<RootfsMount> candidates, byte[] path, Statx open) throws LinuxException {
        int first = 0;
        while (first < path.length && path[first] == '/') {
            first++;
        }
        if (first == 0) {
            return List.of();
        }
        byte[] inside = first == path.length ? PathBytes.of(".") : Arrays.copyOfRange(path, first, path.length);
        List<RootfsMount> found = new ArrayList<>();
        for (RootfsMount mount : candidates) {
            if (mount.spec() instanceof MountSpec.Bind bind && isAt(bind.directory(), inside, open)) {
                found.add(mount);
            }
        }
        return found;
    }

    /** Whether this is the file at a path below a directory; no link of the sliver's owner is followed. */
    private boolean isAt(String directory, byte[] inside, Statx open) throws LinuxException {
        try (Fd fd = OverlayContext.openLayer(calls, directory)) {
            long resolve = Abi.RESOLVE_BENEATH | Abi.RESOLVE_NO_SYMLINKS;
            int file = calls.openat2(fd.number(), inside, Abi.O_PATH | Abi.O_NOFOLLOW, 0, resolve);
            try {
                Statx stat = new Statx();
                calls.statx(file, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
                return stat.ino == open.ino && stat.dev() == open.dev();
            } finally {
                calls.close(file);
            }
        } catch (LinuxException e) {
            if (HolderScan.isGone(e) || e.is(Errno.ELOOP, Errno.ENOTDIR, Errno.ENAMETOOLONG, Errno.EXDEV)) {
                return false;
            }
            throw e;
        }
    }

    private @Nullable Long device(String path) throws LinuxException {
        try (Fd fd = OverlayContext.openLayer(calls, path)) {
            Statx stat = new Statx();
            calls.statx(fd.number(), PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
            return stat.dev();
        } catch (LinuxException e) {
            if (HolderScan.isGone(e)) {
                return null;
            }
            throw e;
        }
    }
}
