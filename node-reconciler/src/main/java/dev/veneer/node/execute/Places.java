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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells in which directories of slivers something lies that a process holds, whatever mount namespace it is in.
 *
 * <ul>
 *   <li>A directory is followed upwards, within its mount, until one is met that is a sliver's, by device and inode.
 *   <li>What is on a mount that some table has, lies where that table and its path say.
 *   <li>Of a mount that is in no table (detached, or not attached yet) the path begins at that mount: what is at this path
 *       in a sliver, by device and inode, is that sliver's. Where nothing tells, as of a file that was removed, it may be in
 *       any of them on its device, and is taken to be.
 * </ul>
 */
final class Places {
    /** {@code AT_STATX_DONT_SYNC}: nothing is asked of whoever serves a file system. */
    private static final int DO_NOT_SYNC = 0x4000;

    /** Deeper than any path that can be written in one piece; a directory that is moved about while it is followed ends too. */
    private static final int DEEPEST = 4096;

    private final LinuxCalls calls;
    private final Recognition recognition;
    private final Map<Long, Map<Long, RootfsMount>> byInode = new HashMap<>();
    private final Set<String> devices = new HashSet<>();
    private final Map<Integer, Attached> tables = new HashMap<>();

    /** A mount of some namespace, and where the root of who sees it there lies. */
    private record Attached(String root, MountEntry entry) {}

    private Places(LinuxCalls calls, Recognition recognition) {
        this.calls = calls;
        this.recognition = recognition;
    }

    /** Prepares for these bind mounts; what does not exist cannot be held. */
    static Places of(
            LinuxCalls calls,
            List<RootfsMount> mounts,
            List<NamespaceTables.Namespace> namespaces,
            Recognition recognition)
            throws LinuxException {
        Places places = new Places(calls, recognition);
        if (mounts.isEmpty()) {
            return places;
        }
        MountTable here = MountTable.read(calls);
        for (RootfsMount mount : mounts) {
            if (mount.spec() instanceof MountSpec.Bind bind) {
                places.add(mount, bind.directory(), here);
            }
        }
        for (NamespaceTables.Namespace namespace : namespaces) {
            for (MountEntry entry : namespace.table().entries()) {
                places.tables.put(entry.id(), new Attached(namespace.root(), entry));
            }
        }
        return places;
    }

    private void add(RootfsMount mount, String directory, MountTable here) throws LinuxException {
        try (Fd fd = OverlayContext.openLayer(calls, directory)) {
            Statx stat = new Statx();
            calls.statx(fd.number(), PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
            byInode.computeIfAbsent(stat.dev(), device -> new HashMap<>()).put(stat.ino, mount);
            // btrfs gives each subvolume a device of its own, but for mount tables and memory maps.
            MountTable.Place place = here.place(directory);
            if (place != null) {
                devices.add(place.device());
            }
            devices.add(stat.devMajor + ":" + stat.devMinor);
        } catch (LinuxException e) {
            if (!HolderScan.isGone(e)) {
                throw e;
            }
        }
    }

    /** Whether there is none of them. */
    boolean isEmpty() {
        return byInode.isEmpty();
    }

    /** Their file systems, {@code major:minor}. */
    Set<String> devices() {
        return devices;
    }

    /** In which of them something lies. */
    List<RootfsMount> holding(OpenFile open) throws LinuxException {
        Map<Long, RootfsMount> candidates = byInode.get(open.stat.dev());
        if (candidates == null) {
            return List.of();
        }
        Attached attached = tables.get((int) open.stat.mountId);
        if (attached != null) {
            // Whatever is on a mount of a sliver's directory, or of a part of it, is the sliver's.
            MountEntry entry = attached.entry();
            RootfsMount whole = recognition.at(new MountTable.Place(entry.device(), entry.root()));
            if (whole != null) {
                return List.of(whole);
            }
        }
        if (open.stat.isDirectory()) {
            RootfsMount above = above(open, candidates);
            if (above != null || attached != null) {
                return above == null ? List.of() : List.of(above);
            }
        } else if (attached != null) {
            String path = new String(open.path(), StandardCharsets.UTF_8);
            String target = attached.root()
                    + (attached.entry().target().equals("/")
                            ? ""
                            : attached.entry().target());
            if (path.startsWith(target)) {
                RootfsMount mount = recognition.at(MountTable.inside(attached.entry(), within(attached, path)));
                return mount == null ? List.of() : List.of(mount);
            }
        }
        List<RootfsMount> shown = shown(candidates, open);
        return shown.isEmpty() ? List.copyOf(candidates.values()) : shown;
    }

    /** The path as who sees the mount's table sees it. */
    private static String within(Attached attached, String path) {
        String within = path.substring(attached.root().length());
        return within.isEmpty() ? "/" : within;
    }

    /** The sliver's directory that is this one or above it in the same mount, or null. */
    private @Nullable RootfsMount above(OpenFile open, Map<Long, RootfsMount> candidates) throws LinuxException {
        int fd = -1;
        try {
            fd = open.open();
            Statx stat = new Statx();
            for (int depth = 0; depth < DEEPEST; depth++) {
                int flags = Abi.AT_EMPTY_PATH | DO_NOT_SYNC;
                calls.statx(fd, PathBytes.EMPTY, flags, Abi.STATX_BASIC_STATS | Abi.STATX_MNT_ID, stat);
                RootfsMount found = stat.dev() == open.stat.dev() ? candidates.get(stat.ino) : null;
                if (found != null || stat.isMountRoot()) {
                    return found;
                }
                int up = calls.openat2(fd, PathBytes.of(".."), Abi.O_PATH | Abi.O_DIRECTORY, 0, 0);
                calls.close(fd);
                fd = up;
            }
            return null;
        } catch (LinuxException e) {
            if (HolderScan.isGone(e) || e.is(Errno.ENOTDIR)) {
                return null;
            }
            throw e;
        } finally {
            if (fd >= 0) {
                calls.close(fd);
            }
        }
    }

    /**
     * Those in which the very file that is open lies at its path. A directory has one place only and a file of a copy is
     * linked from nowhere outside it, so whoever has it open in one of them has none of the others. Empty when it lies so
     * in none: deleted or renamed meanwhile, or on a mount of something else, so that nothing is known.
     */
    private List<RootfsMount> shown(Map<Long, RootfsMount> candidates, OpenFile open) throws LinuxException {
        byte[] path = open.path();
        int first = 0;
        while (first < path.length && path[first] == '/') {
            first++;
        }
        if (first == 0) {
            return List.of();
        }
        byte[] inside = first == path.length ? PathBytes.of(".") : Arrays.copyOfRange(path, first, path.length);
        List<RootfsMount> found = new ArrayList<>();
        for (RootfsMount mount : candidates.values()) {
            if (mount.spec() instanceof MountSpec.Bind bind && isAt(bind.directory(), inside, open.stat)) {
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
}
