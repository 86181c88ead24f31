package dev.veneer.node.store;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The format of a store: its version and identity in the file {@code format}, the way from older versions, and the
 * making of new stores.
 */
final class StoreFormat {
    /** The version that this program writes. */
    static final int CURRENT = 1;

    private static final String VERSION = "veneerStore";

    /** What this program knows of older formats: nothing yet, since version 1 is the first one. */
    static final StoreFormat THIS = new StoreFormat(CURRENT, Map.of());

    /**
     * What the file says.
     *
     * @param version format version
     * @param id the store's identity, made once
     * @param createdAt when the store was made
     */
    record Header(int version, UUID id, Instant createdAt) {}

    private final int current;
    private final Map<Integer, UpgradeStep> steps;

    /**
     * @param steps by the version that they start from
     */
    StoreFormat(int current, Map<Integer, UpgradeStep> steps) {
        this.current = current;
        this.steps = Map.copyOf(steps);
    }

    /** The header, or null when there is no such file. */
    static @Nullable Header read(StoreFiles files, StoreLayout layout) throws LinuxException, NodeException {
        byte[] content;
        try {
            content = files.read(StoreLayout.FORMAT, 4096);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return null;
            }
            throw e;
        }
        try {
            JsonObject json = JsonObject.parse(content);
            return new Header(json.integer(VERSION), UUID.fromString(json.text("id")), createdAt(files, json));
        } catch (BadRecordException | IllegalArgumentException e) {
            throw new NodeException(
                    Reason.Damaged,
                    Follow.STALLED,
                    layout.absolute(StoreLayout.FORMAT) + " is damaged: " + e.getMessage()
                            + ". Nothing was changed; `veneer store check --repair` writes it anew.",
                    e);
        }
    }

    /** Earlier programs did not write it; but they wrote the file last when they made the store, and then never again. */
    private static Instant createdAt(StoreFiles files, JsonObject json) throws LinuxException {
        try {
            Instant written = json.optionalInstant("createdAt");
            if (written != null) {
                return written;
            }
        } catch (BadRecordException e) {
            // Nothing but an age depends on it: no reason to refuse the store.
        }
        Statx stat = new Statx();
        files.stat(StoreLayout.FORMAT, stat);
        return Instant.ofEpochSecond(stat.mtimeSec);
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS);
    }

    /**
     * The header of a store whose own is lost: another identity, and as old as the oldest that tells of its age. The lock
     * is made just before the store and never made anew.
     */
    static Header anew(StoreFiles files) throws LinuxException {
        Instant oldest = now();
        Statx stat = new Statx();
        if (files.stat(StoreLayout.FORMAT, stat)) {
            oldest = earlier(oldest, stat.mtimeSec);
        }
        int mask = Abi.STATX_BASIC_STATS | Abi.STATX_BTIME;
        files.calls().statx(files.root(), StoreFiles.name(StoreLayout.LOCK), Abi.AT_SYMLINK_NOFOLLOW, mask, stat);
        if ((stat.mask & Abi.STATX_BTIME) != 0) {
            oldest = earlier(oldest, stat.btimeSec);
        }
        return new Header(CURRENT, UUID.randomUUID(), oldest);
    }

    private static Instant earlier(Instant oldest, long second) {
        Instant time = Instant.ofEpochSecond(second);
        return second > 0 && time.isBefore(oldest) ? time : oldest;
    }

    /** Refuses a store that is newer than this program, and brings an older one up when it may. */
    Header bringUp(StoreFiles files, StoreLayout layout, Header found, boolean mayWrite)
            throws LinuxException, NodeException {
        if (found.version() > current) {
            throw new NodeException(
                    Reason.StoreFaulty,
                    Follow.STALLED,
                    "the store " + layout.root() + " has format " + found.version() + ", this version of Veneer knows "
                            + current + " at most. Nothing was changed; use a newer Veneer with it.");
        }
        Header header = found;
        while (header.version() < current) {
            UpgradeStep step = steps.get(header.version());
            if (step == null || !mayWrite) {
                throw new NodeException(
                        Reason.StoreFaulty,
                        Follow.STALLED,
                        "the store " + layout.root() + " has the older format " + header.version() + "; "
                                + (step == null
                                        ? "this version of Veneer cannot bring it up to " + current
                                                + " any more. Use one in between first."
                                        : "any command that changes something, such as `veneer apply`, brings it up"
                                                + " to " + current + "."));
            }
            step.apply(files);
            files.calls().syncfs(files.root());
            header = new Header(header.version() + 1, header.id(), header.createdAt());
            write(files, header);
        }
        return header;
    }

    /** Makes a new store in an empty directory, or finishes making one. The file {@code format} comes last. */
    Header create(StoreFiles files, StoreLayout layout) throws LinuxException, NodeException {
        makeDirectories(files);
        probe(files, layout);
        files.calls().fsync(files.root());
        Header header = new Header(current, UUID.randomUUID(), now());
        write(files, header);
        return header;
    }

    /** Makes what is missing of the directories at the top, with their permissions. */
    static void makeDirectories(StoreFiles files) throws LinuxException {
        for (String directory : StoreLayout.DIRECTORIES) {
            if (files.makeDirectory(directory, StoreLayout.modeOf(directory))) {
                // whatever the umask was
                files.calls().fchmodat(files.root(), StoreFiles.name(directory), StoreLayout.modeOf(directory));
            }
        }
    }

    static void write(StoreFiles files, Header header) throws LinuxException {
        byte[] content = RecordCodec.bytes(json -> {
            json.writeNumberField(VERSION, header.version());
            json.writeStringField("id", header.id().toString());
            json.writeStringField("createdAt", header.createdAt().toString());
        });
        String unfinished = StoreLayout.UNFINISHED + StoreLayout.FORMAT;
        files.write(unfinished, content, true);
        files.rename(unfinished, StoreLayout.FORMAT, 0);
        files.calls().fsync(files.root());
    }

    /**
     * Whether a directory without {@code format} may become a store: nothing is in it, or only what a creation that was
     * cut short left, empty.
     */
    static boolean isBlank(StoreFiles files) throws LinuxException {
        for (String name : files.list("")) {
            boolean ours = name.equals(StoreLayout.LOCK) || name.equals(StoreLayout.UNFINISHED + StoreLayout.FORMAT);
            boolean empty = (StoreLayout.DIRECTORIES.contains(name) || name.equals(StoreLayout.LOST_AND_FOUND))
                    && isEmptyDirectory(files, name);
            if (!ours && !empty) {
                return false;
            }
        }
        return true;
    }

    private static boolean isEmptyDirectory(StoreFiles files, String name) throws LinuxException {
        Statx stat = new Statx();
        if (!files.stat(name, stat) || !stat.isDirectory()) {
            return false;
        }
        List<String> inside = files.list(name);
        return inside.isEmpty()
                || (name.equals(StoreLayout.SCRATCH) && inside.stream().allMatch(PROBES::contains));
    }

    private static final List<String> PROBES = List.of("probe-a", "probe-b");

    /** Tries what commits need, so that an unfit file system is refused at once and not in the middle of work. */
    private static void probe(StoreFiles files, StoreLayout layout) throws LinuxException, NodeException {
        String a = StoreLayout.SCRATCH + "/" + PROBES.get(0);
        String b = StoreLayout.SCRATCH + "/" + PROBES.get(1);
        Statx stat = new Statx();
        try {
            files.makeDirectory(a, StoreLayout.PRIVATE);
            files.makeDirectory(b, StoreLayout.PRIVATE);
            files.rename(a, b, Abi.RENAME_EXCHANGE);
            files.calls().fchmodat(files.root(), StoreFiles.name(a), StoreLayout.PASSABLE);
            files.stat(a, stat);
            if ((stat.mode & 0777) != StoreLayout.PASSABLE) {
                throw unfit(layout, "it does not keep permissions", null);
            }
            files.calls().syncfs(files.root());
        } catch (LinuxException e) {
            if (e.is(Errno.EINVAL, Errno.ENOSYS, Errno.EOPNOTSUPP, Errno.EPERM)) {
                throw unfit(layout, e.getMessage() + "", e);
            }
            throw e;
        } finally {
            files.removeDirectory(a);
            files.removeDirectory(b);
        }
    }

    private static NodeException unfit(StoreLayout layout, String why, @Nullable Throwable cause) {
        return new NodeException(
                Reason.StoreFaulty,
                Follow.STALLED,
                "the file system of " + layout.root() + " cannot hold a store: " + why
                        + ". Use a local one, such as xfs, ext4 or btrfs.",
                cause == null ? new IllegalStateException(why) : cause);
    }
}
