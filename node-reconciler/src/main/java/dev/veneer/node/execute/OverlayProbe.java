package dev.veneer.node.execute;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Directory;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Asks the kernel which directories are upper or work directory of a living overlay, wherever that is: in another
 * namespace, detached but held open, or never attached. An overlay with {@code index=on} refuses such a directory as a
 * layer with {@code EBUSY}; so the candidates are made the lower layers of one that is thrown away at once, hundreds at a
 * time, and halved when one of them is refused. Nothing is written to a candidate.
 */
final class OverlayProbe {
    private static final byte[] LABEL = PathBytes.of("veneer-probe");
    private static final String[] PARTS = {"lower", "upper", "work"};
    private static final int PRIVATE = 0700;

    /** Of the whole process: a name that could not be removed once is not used again. */
    private static final AtomicLong SEQUENCE = new AtomicLong();

    private final LinuxCalls calls;
    private final OverlayContext overlays;
    private final String scratch;
    private volatile boolean sighted;

    /**
     * A probe for one file system.
     *
     * @param scratch a directory on the file system of the candidates, where what killed processes left goes when the store is opened
     */
    OverlayProbe(LinuxCalls calls, String scratch) {
        this.calls = calls;
        this.overlays = new OverlayContext(calls);
        this.scratch = scratch;
    }

    /**
     * Those of the directories that are in use; one that does not exist is not.
     *
     * @throws LinuxException {@code EOPNOTSUPP} when this file system cannot tell
     */
    Set<String> inUse(Collection<String> directories) throws LinuxException {
        Set<String> busy = new HashSet<>();
        if (directories.isEmpty()) {
            return busy;
        }
        try (Directory top = Directory.open(calls, scratch)) {
            requireSight(top);
            List<String> all = List.copyOf(directories);
            for (int from = 0; from < all.size(); ) {
                int to = Math.min(all.size(), from + overlays.mostLowers());
                probe(top, all.subList(from, to), busy);
                from = to;
            }
        }
        return busy;
    }

    private void probe(Directory top, List<String> candidates, Set<String> busy) throws LinuxException {
        List<Fd> open = new ArrayList<>();
        boolean free;
        try {
            for (String candidate : candidates) {
                open(candidate, open);
            }
            free = open.isEmpty() || isFree(top, open);
        } finally {
            open.forEach(Fd::close);
        }
        if (free) {
            return;
        }
        if (candidates.size() == 1) {
            busy.add(candidates.get(0));
            return;
        }
        int half = candidates.size() / 2;
        probe(top, candidates.subList(0, half), busy);
        probe(top, candidates.subList(half, candidates.size()), busy);
    }

    private void open(String candidate, List<Fd> open) throws LinuxException {
        try {
            open.add(OverlayContext.openLayer(calls, candidate));
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOENT)) {
                throw e;
            }
        }
    }

    private boolean isFree(Directory top, List<Fd> candidates) throws LinuxException {
        List<Integer> lowers = candidates.stream().map(Fd::number).toList();
        return withPair(top, (lower, upper, work) -> {
            try (Fd context = overlays.create(lowers, upper, work, LABEL, OverlayContext.Features.INDEX)) {
                return context.number() >= 0;
            } catch (LinuxException e) {
                if (e.is(Errno.EBUSY)) {
                    return false;
                }
                throw e;
            }
        });
    }

    /** Without file handles the kernel drops {@code index=on} silently and would call everything free: tried once. */
    private void requireSight(Directory top) throws LinuxException {
        if (sighted) {
            return;
        }
        boolean blind = withPair(top, (lower, upper, work) -> {
            try (Fd living = overlays.create(List.of(lower), upper, work, LABEL, OverlayContext.Features.NONE);
                    Fd candidate = reopened(upper)) {
                return living.number() < 0 || isFree(top, List.of(candidate));
            }
        });
        if (blind) {
            throw new LinuxException("fsconfig", Errno.EOPNOTSUPP, "telling overlays in use apart in " + scratch);
        }
        sighted = true;
    }

    private Fd reopened(int fd) throws LinuxException {
        return new Fd(calls, calls.openat2(fd, PathBytes.of("."), Abi.O_PATH | Abi.O_DIRECTORY, 0, 0));
    }

    private interface Use {
        boolean with(int lower, int upper, int work) throws LinuxException;
    }

    /** Directories for one overlay, fresh each time since {@code index=on} leaves marks, and removed afterwards. */
    private boolean withPair(Directory top, Use use) throws LinuxException {
        byte[] name = PathBytes.of("probe-use-" + ProcessHandle.current().pid() + "-" + SEQUENCE.incrementAndGet());
        calls.mkdirat(top.number(), name, PRIVATE);
        try {
            try (Directory directory = top.openDirectory(name)) {
                List<Fd> open = new ArrayList<>();
                try {
                    for (String part : PARTS) {
                        byte[] bytes = PathBytes.of(part);
                        calls.mkdirat(directory.number(), bytes, PRIVATE);
                        open.add(directory.openFile(bytes, Abi.O_PATH | Abi.O_DIRECTORY, 0));
                    }
                    return use.with(
                            open.get(0).number(),
                            open.get(1).number(),
                            open.get(2).number());
                } finally {
                    open.forEach(Fd::close);
                }
            }
        } finally {
            removeTree(top, name);
        }
    }

    /** What the kernel leaves there is a few empty directories. */
    private void removeTree(Directory parent, byte[] name) throws LinuxException {
        try (Directory directory = parent.openDirectory(name)) {
            for (byte[] child : directory.names()) {
                try {
                    calls.unlinkat(directory.number(), child, 0);
                } catch (LinuxException e) {
                    if (!e.is(Errno.EISDIR, Errno.EPERM)) {
                        throw e;
                    }
                    removeTree(directory, child);
                }
            }
        }
        calls.unlinkat(parent.number(), name, Abi.AT_REMOVEDIR);
    }
}
