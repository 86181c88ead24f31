package dev.veneer.node.store;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.RangePromise;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the stores of a node keep apart the host ids of their slivers: each writes those of its own into a file of a
 * directory that lives as long as the machine is up, {@code /run/veneer/id-ranges/MARK}, and reads the others'. In the
 * stores ids are unshifted, so only what is mounted or runs matters, and a reboot may forget it all.
 *
 * <p>Whatever is wrong with the directory or with a file in it is told once and keeps nothing from being done: a store
 * then gives ids out as if it were alone. All methods may be called by any thread.
 */
public final class IdRangePromises {
    private static final Logger LOG = LoggerFactory.getLogger(IdRangePromises.class);
    private static final Pattern MARK = Pattern.compile("[0-9a-f]{8}");

    /** Whoever has the lock is through in milliseconds, unless it was stopped in between. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /** Where there is no directory. */
    private static final Stamp ABSENT = new Stamp(0, 0, 0, 0);

    private final LinuxCalls calls;
    private final String parent;
    private final String directory;
    private final String mark;
    private final String id;
    private final String root;
    private Stamp seen = Stamp.NONE;
    private Stamp kept = Stamp.NONE;
    private List<RangePromise> others = List.of();
    private Set<String> wrong = new TreeSet<>();
    private String unwritten = "";

    private IdRangePromises(LinuxCalls calls, String run, String mark, String id, String root) {
        this.calls = calls;
        this.parent = run;
        this.directory = run + "/id-ranges";
        this.mark = mark;
        this.id = id;
        this.root = root;
    }

    /**
     * What a store promises and is promised.
     *
     * @param run absolute path of the node's directory for what does not outlive a reboot, {@code /run/veneer}
     */
    public static IdRangePromises of(Store store, LinuxCalls calls, String run) {
        return new IdRangePromises(
                calls, run, store.mark(), store.id().toString(), store.layout().root());
    }

    /** What is promised to a store that is yet to be made; it promises nothing itself. */
    public static IdRangePromises ofNone(LinuxCalls calls, String run) {
        return new IdRangePromises(calls, run, "", "", "");
    }

    /** Absolute path of the directory. */
    public String directory() {
        return directory;
    }

    /** What was wrong when the directory was looked at and written to last, for people; empty when nothing was. */
    public synchronized List<String> problems() {
        List<String> all = new ArrayList<>(wrong);
        if (!unwritten.isEmpty() && !all.contains(unwritten)) {
            all.add(unwritten);
        }
        return all;
    }

    /** What the other stores promise. As long as nobody has changed the directory, this is one {@code statx} of it. */
    public synchronized List<RangePromise> others() {
        Set<String> found = new TreeSet<>();
        try {
            long now = now();
            Stamp current = look();
            if (current.equals(seen)) {
                return others;
            }
            List<RangePromise> read = new ArrayList<>();
            if (!current.equals(ABSENT)) {
                int fd = open();
                try {
                    for (RangePromiseFile file : read(new StoreFiles(calls, fd), found)) {
                        read.add(new RangePromise(file.store(), directory + "/" + file.mark(), file.ranges()));
                    }
                } finally {
                    calls.close(fd);
                }
            }
            others = read.equals(others) ? others : List.copyOf(read);
            seen = current.equals(ABSENT) ? ABSENT : current.unlessFresherThan(now);
        } catch (LinuxException e) {
            // What was read before still holds as far as anybody knows.
            found.add(directory + " cannot be read: " + e.getMessage());
        } catch (BadRecordException e) {
            found.add(String.valueOf(e.getMessage()));
        }
        for (String problem : found) {
            if (!wrong.contains(problem)) {
                LOG.warn("host ids that other stores of this node gave out may be given out again: {}", problem);
            }
        }
        wrong = found;
        return others;
    }

    /** Whether the directory is as {@link #promise} left it, as far as {@link #others} has seen since. */
    public synchronized boolean isKept() {
        return kept.isSettled() && kept.equals(seen);
    }

    /**
     * Promises the ids of this store's slivers, unless some that are wanted are another store's.
     *
     * @param held ranges in use, promised in any case
     * @param idle ranges that nothing uses, promised as far as no other store has them
     * @param wanted ranges to be taken into use
     * @param whole whether these are those of all slivers; while some cannot be read, what was promised before stays
     * @return false when another store has some of what is wanted; nothing was promised then, and {@link #others} tells
     *     of it
     */
    public synchronized boolean promise(
            Collection<IdRange> held, Collection<IdRange> idle, Collection<IdRange> wanted, boolean whole) {
        String failed = "";
        boolean promised = true;
        kept = Stamp.NONE;
        try {
            if (look().equals(ABSENT)) {
                if (held.isEmpty() && idle.isEmpty() && wanted.isEmpty()) {
                    kept = ABSENT;
                    return true;
                }
                make(parent, 0755);
                make(directory, 0700);
            }
            int fd = open();
            try {
                lock(fd);
                try {
                    promised = write(new StoreFiles(calls, fd), held, idle, wanted, whole);
                } finally {
                    // Closing alone would not do while a child that has yet to become a program holds it too.
                    calls.flock(fd, Abi.LOCK_UN);
                }
            } finally {
                calls.close(fd);
            }
        } catch (LinuxException e) {
            failed = directory + " cannot be written: " + e.getMessage();
        } catch (BadRecordException e) {
            failed = String.valueOf(e.getMessage());
        }
        if (!failed.isEmpty() && !failed.equals(unwritten)) {
            LOG.warn("other stores of this node cannot know which host ids this one gave out: {}", failed);
        }
        unwritten = failed;
        return promised;
    }

    private boolean write(
            StoreFiles files,
            Collection<IdRange> held,
            Collection<IdRange> idle,
            Collection<IdRange> wanted,
            boolean whole)
            throws LinuxException {
        tidy(files);
        List<RangePromise> theirs = new ArrayList<>();
        for (RangePromiseFile file : read(files, new TreeSet<>())) {
            theirs.add(new RangePromise(file.store(), file.mark(), file.ranges()));
        }
        for (IdRange range : wanted) {
            if (isPromised(theirs, range)) {
                seen = Stamp.NONE;
                return false;
            }
        }
        List<IdRange> mine = new ArrayList<>(held);
        mine.addAll(wanted);
        for (IdRange range : idle) {
            if (!isPromised(theirs, range)) {
                mine.add(range);
            }
        }
        RangePromiseFile before = readable(files, mark);
        if (!whole && before != null) {
            mine.addAll(before.ranges());
        }
        RangePromiseFile next = new RangePromiseFile(mark, root, id, mounts(), RangePromiseFile.merged(mine));
        if (next.ranges().isEmpty()) {
            files.remove(mark);
        } else if (before == null || !Arrays.equals(before.bytes(), next.bytes())) {
            String aside = StoreLayout.UNFINISHED + mark;
            files.remove(aside);
            files.write(aside, next.bytes(), false);
            files.rename(aside, mark, 0);
        }
        Statx stat = new Statx();
        long now = now();
        files.stat(".", stat);
        kept = Stamp.of(stat).unlessFresherThan(now);
        return true;
    }

    private static boolean isPromised(List<RangePromise> theirs, IdRange range) {
        return theirs.stream().anyMatch(promise -> promise.overlaps(range));
    }

    /** What others promise; what of it cannot be read is told. */
    private List<RangePromiseFile> read(StoreFiles files, Set<String> problems) throws LinuxException {
        List<RangePromiseFile> found = new ArrayList<>();
        for (String name : new TreeSet<>(files.list(""))) {
            if (name.equals(mark) || !MARK.matcher(name).matches()) {
                continue;
            }
            try {
                RangePromiseFile file = RangePromiseFile.read(files, name);
                if (!isOwn(file)) {
                    found.add(file);
                }
            } catch (BadRecordException e) {
                problems.add(directory + "/" + name + ": " + e.getMessage());
            } catch (LinuxException e) {
                if (!e.is(Errno.ENOENT)) {
                    problems.add(directory + "/" + name + ": " + e.getMessage());
                }
            }
        }
        return found;
    }

    /** Its mark is another one after its file system was mounted anew. */
    private boolean isOwn(RangePromiseFile file) {
        return file.id().equals(id) && file.store().equals(root);
    }

    /** Removes what killed processes left, what this store promised under an earlier mark, and promises of stores that are no more. */
    private void tidy(StoreFiles files) throws LinuxException {
        String mounts = mounts();
        for (String name : files.list("")) {
            if (name.startsWith(StoreLayout.UNFINISHED)) {
                files.remove(name);
            } else if (!name.equals(mark) && MARK.matcher(name).matches()) {
                RangePromiseFile file = readable(files, name);
                if (file != null && (isOwn(file) || (file.mounts().equals(mounts) && isGone(file)))) {
                    files.remove(name);
                }
            }
        }
    }

    private static @Nullable RangePromiseFile readable(StoreFiles files, String name) {
        try {
            return RangePromiseFile.read(files, name);
        } catch (BadRecordException | LinuxException e) {
            // Told of by who reads it for its content.
            return null;
        }
    }

    /** Whether there is nothing, or another directory, where the store was. */
    private boolean isGone(RangePromiseFile file) throws LinuxException {
        Statx stat = new Statx();
        try {
            calls.statx(Abi.AT_FDCWD, PathBytes.of(file.store()), 0, Abi.STATX_BASIC_STATS, stat);
            return !StoreMark.of(stat).equals(file.mark());
        } catch (LinuxException e) {
            return e.is(Errno.ENOENT, Errno.ENOTDIR);
        }
    }

    private String mounts() throws LinuxException {
        byte[] namespace = calls.readlinkat(Abi.AT_FDCWD, PathBytes.of("/proc/self/ns/mnt"));
        return new String(namespace, StandardCharsets.US_ASCII);
    }

    /** By what the directory is recognised. */
    private Stamp look() throws LinuxException {
        Statx stat = new Statx();
        return stat(directory, stat) ? Stamp.of(stat) : ABSENT;
    }

    private boolean stat(String path, Statx into) throws LinuxException {
        try {
            calls.statx(Abi.AT_FDCWD, PathBytes.of(path), Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, into);
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
    }

    private void make(String path, int mode) throws LinuxException {
        try {
            calls.mkdirat(Abi.AT_FDCWD, PathBytes.of(path), mode);
        } catch (LinuxException e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
        }
    }

    /** Opens it, if nobody but root can have put something there. */
    private int open() throws LinuxException, BadRecordException {
        for (String path : List.of(parent, directory)) {
            Statx stat = new Statx();
            if (!stat(path, stat)) {
                throw new LinuxException("statx", Errno.ENOENT, path);
            }
            if (!stat.isDirectory() || stat.uid != 0 || (stat.mode & 022) != 0) {
                throw new BadRecordException(path + " is not a directory that only root can write to; remove it");
            }
        }
        return calls.openat2(
                Abi.AT_FDCWD, PathBytes.of(directory), Abi.O_RDONLY | Abi.O_DIRECTORY | Abi.O_NOFOLLOW, 0, 0);
    }

    /** Waits a little, and not for ever: somebody may have stopped who has it. */
    private void lock(int fd) throws LinuxException {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                calls.flock(fd, Abi.LOCK_EX | Abi.LOCK_NB);
                return;
            } catch (LinuxException e) {
                if (!e.is(Errno.EAGAIN) || System.nanoTime() > until) {
                    throw e;
                }
            }
            try {
                Thread.sleep(2);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new LinuxException("flock", Errno.EINTR, directory);
            }
        }
    }

    private static long now() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000 + now.getNano();
    }
}
