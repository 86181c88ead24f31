package dev.veneer.node.store;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statfs;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.BaseUse;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A node store that is open. One process at a time is its writer and holds its lock; any number read it at the same
 * time, without a lock and without writing anything.
 *
 * <pre>{@code
 * try (Store store = Store.open(calls, "/var/lib/veneer", "veneer apply")) {
 *     try (Batch batch = store.begin()) {
 *         String directory = batch.stageSliver(record);
 *         driver.create(new WritableStore(record.id(), 1, directory), base);
 *         BatchResult result = batch.commit();
 *     }
 * }
 * }</pre>
 */
public final class Store implements AutoCloseable {
    /** Largest file that is read as a record. */
    static final int RECORD_LIMIT = 4 << 20;

    private static final Duration INDEX_INTERVAL = Duration.ofMinutes(1);

    private final StoreFiles files;
    private final StoreLayout layout;
    private final @Nullable StoreLock lock;
    private final StoreFormat.Header header;
    private Recovery recovery;
    private final boolean btrfs;
    private final String mark;
    private final Trash trash;
    private final Journal journal;
    private final StatusStore statuses;
    private final DeclaredStore declared;
    private final Map<Digest, String> running = new ConcurrentHashMap<>();
    private StoreScanner scanner;
    private int indexed;
    private long indexedAt;

    private Store(
            StoreFiles files,
            StoreLayout layout,
            @Nullable StoreLock lock,
            StoreFormat.Header header,
            Recovery recovery,
            Trash trash)
            throws LinuxException {
        this.files = files;
        this.layout = layout;
        this.lock = lock;
        this.header = header;
        this.recovery = recovery;
        this.btrfs = files.calls().fstatfs(files.root()).type() == Abi.BTRFS_SUPER_MAGIC;
        this.mark = StoreMark.of(files);
        this.trash = trash;
        this.journal = new Journal(files, layout);
        this.statuses = new StatusStore(files, layout, lock != null);
        this.declared = new DeclaredStore(files, layout);
        this.scanner = new StoreScanner(files, layout, Index.load(files, header.id()));
    }

    /**
     * Opens a store for changing it: makes it when the directory is absent or empty, takes the lock, brings an older
     * format up, finishes or undoes what an interrupted run left.
     *
     * @param root its absolute path
     * @param command who opens it, for people who find it locked
     */
    public static Store open(LinuxCalls calls, String root, String command) throws NodeException, StoreLockedException {
        return open(calls, root, command, StoreFormat.THIS);
    }

    static Store open(LinuxCalls calls, String root, String command, StoreFormat format)
            throws NodeException, StoreLockedException {
        StoreLayout layout = new StoreLayout(root);
        int fd = -1;
        StoreLock lock = null;
        boolean opened = false;
        try {
            fd = openRoot(calls, root, true);
            StoreFiles files = new StoreFiles(calls, fd);
            StoreFormat.Header header = StoreFormat.read(files, layout);
            if (header == null && !StoreFormat.isBlank(files)) {
                throw foreign(files, layout);
            }
            lock = StoreLock.take(files, layout, command, Instant.now());
            // Again, now that nobody else can be making or changing it.
            header = StoreFormat.read(files, layout);
            boolean created = header == null;
            StoreFormat.Header found = header == null ? format.create(files, layout) : header;
            StoreFormat.Header current = format.bringUp(files, layout, found, true);
            Trash trash = new Trash(files, layout);
            List<String> notes = recover(files, layout, trash);
            Recovery recovery = new Recovery(created, found.version(), notes);
            Store store = new Store(files, layout, lock, current, recovery, trash);
            for (SliverId restored : store.restoreRecords()) {
                notes.add("the record of sliver " + restored + " was lost and is back");
            }
            store.discardUnnamed(notes);
            store.recovery = new Recovery(created, found.version(), notes);
            opened = true;
            return store;
        } catch (LinuxException e) {
            throw StoreFault.of(e, "opening the store", root);
        } finally {
            if (!opened) {
                if (lock != null) {
                    lock.release();
                }
                if (fd >= 0) {
                    calls.close(fd);
                }
            }
        }
    }

    /** Opens a store for reading: no lock, no write. */
    public static Store openReadOnly(LinuxCalls calls, String root) throws NodeException {
        StoreLayout layout = new StoreLayout(root);
        int fd = -1;
        boolean opened = false;
        try {
            fd = openRoot(calls, root, false);
            StoreFiles files = new StoreFiles(calls, fd);
            StoreFormat.Header header = StoreFormat.read(files, layout);
            if (header == null) {
                throw StoreFormat.isBlank(files) ? absent(root) : foreign(files, layout);
            }
            StoreFormat.Header current = StoreFormat.THIS.bringUp(files, layout, header, false);
            Recovery recovery = new Recovery(false, current.version(), List.of());
            Store store = new Store(files, layout, null, current, recovery, new Trash(files, layout));
            opened = true;
            return store;
        } catch (LinuxException e) {
            throw e.is(Errno.ENOENT) ? absent(root) : StoreFault.of(e, "opening the store", root);
        } finally {
            if (!opened && fd >= 0) {
                calls.close(fd);
            }
        }
    }

    private static int openRoot(LinuxCalls calls, String root, boolean make) throws LinuxException {
        byte[] path = PathBytes.of(root);
        long flags = Abi.O_RDONLY | Abi.O_DIRECTORY;
        try {
            return calls.openat2(Abi.AT_FDCWD, path, flags, 0, 0);
        } catch (LinuxException e) {
            if (!make || !e.is(Errno.ENOENT)) {
                throw e;
            }
        }
        for (int slash = root.indexOf('/', 1); slash > 0; slash = root.indexOf('/', slash + 1)) {
            makeParent(calls, root.substring(0, slash), 0755);
        }
        makeParent(calls, root, StoreLayout.PASSABLE);
        return calls.openat2(Abi.AT_FDCWD, path, flags, 0, 0);
    }

    private static void makeParent(LinuxCalls calls, String path, int mode) throws LinuxException {
        try {
            calls.mkdirat(Abi.AT_FDCWD, PathBytes.of(path), mode);
            // whatever the umask was: a mapped root passes here on the way to its rootfs
            calls.fchmodat(Abi.AT_FDCWD, PathBytes.of(path), mode);
        } catch (LinuxException e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
        }
    }

    /** Whether there is no store and could be one: nothing at all there, or an empty directory. */
    public static boolean isAbsent(LinuxCalls calls, String root) throws NodeException {
        int fd = -1;
        try {
            fd = openRoot(calls, root, false);
            StoreFiles files = new StoreFiles(calls, fd);
            return StoreFormat.read(files, new StoreLayout(root)) == null && StoreFormat.isBlank(files);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return true;
            }
            throw StoreFault.of(e, "opening the store", root);
        } finally {
            if (fd >= 0) {
                calls.close(fd);
            }
        }
    }

    /** What is said where a store is missed. */
    public static NodeException absent(String root) {
        return new NodeException(
                Reason.Failed,
                Follow.STALLED,
                "there is no store at " + root + " yet; `veneer apply` makes it. (Another place: --store DIR)");
    }

    private static NodeException foreign(StoreFiles files, StoreLayout layout) throws LinuxException {
        boolean lost = files.exists(StoreLayout.SLIVERS) && files.exists(StoreLayout.BASES);
        return lost
                ? new NodeException(
                        Reason.Damaged,
                        Follow.STALLED,
                        layout.root() + " looks like a store whose file " + StoreLayout.FORMAT + " is lost."
                                + " Nothing was changed; `veneer store check --repair` writes it anew.")
                : new NodeException(
                        Reason.ForeignObject,
                        Follow.STALLED,
                        layout.root() + " is not a store and not empty. Nothing was changed; name an empty or absent"
                                + " directory with --store.");
    }

    private static List<String> recover(StoreFiles files, StoreLayout layout, Trash trash)
            throws LinuxException, NodeException {
        List<String> notes = new ArrayList<>();
        oneFileSystem(files, layout);
        StoreFormat.makeDirectories(files);
        new Journal(files, layout).recover(trash, notes);
        trash.removeEmptyBatches();
        Scratch.tidy(files, layout, notes);
        int staged = files.list(StoreLayout.STAGING).size();
        if (staged > 0) {
            notes.add(staged + " unfinished " + (staged == 1 ? "batch" : "batches")
                    + " of an interrupted run will be removed");
        }
        return notes;
    }

    /** Commits rename from one directory at the top to another, which only works within one file system. */
    private static void oneFileSystem(StoreFiles files, StoreLayout layout) throws LinuxException, NodeException {
        Statx root = new Statx();
        files.stat(".", root);
        Statx stat = new Statx();
        for (String directory : StoreLayout.DIRECTORIES) {
            if (files.stat(directory, stat) && (stat.dev() != root.dev() || stat.isMountRoot())) {
                throw new NodeException(
                        Reason.StoreFaulty,
                        Follow.STALLED,
                        layout.absolute(directory) + " lies on another file system, mount or subvolume than "
                                + layout.root() + ". A store is one directory tree of one file system: unmount it.");
            }
        }
    }

    /** The names of its files. */
    public StoreLayout layout() {
        return layout;
    }

    /** Its identity, made once. */
    public UUID id() {
        return header.id();
    }

    /** When it was made. */
    public Instant createdAt() {
        return header.createdAt();
    }

    /**
     * Eight digits that tell this store from the others that this machine has now, also from a copy of it; they stay when
     * its directory is renamed, and may be others after its file system was mounted anew.
     */
    public String mark() {
        return mark;
    }

    /** What opening it found and put right. */
    public Recovery recovery() {
        return recovery;
    }

    /** Looks at everything, reading only what has changed since the time before. */
    public synchronized StoreView scan() throws NodeException {
        return scanner.scan(true);
    }

    /**
     * Looks, of the slivers, only at those that this process has changed since it looked last, however many others there
     * are. What somebody else did to a store, which is nobody else's to change, is found by {@link #scan}.
     */
    public synchronized StoreView scanOwnChanges() throws NodeException {
        return scanner.scan(false);
    }

    /**
     * Writes records of slivers anew that were lost or damaged, from what this process or the index remembers of them,
     * where it fits the revisions that are there. To be called when a scan tells of problems.
     *
     * @return the slivers whose records are back
     */
    public synchronized List<SliverId> restoreRecords() throws NodeException {
        List<SliverId> restored = new ArrayList<>();
        if (scan().problems().isEmpty()) {
            return restored;
        }
        try (Batch batch = begin()) {
            for (SliverRecord record : scanner.restorable()) {
                batch.replace(record);
                restored.add(record.id());
            }
            if (!restored.isEmpty()) {
                batch.commit().failed().keySet().forEach(item -> restored.remove(SliverId.parse(item.name())));
            }
        } catch (LinuxException e) {
            throw StoreFault.of(e, "restoring lost records", layout.root());
        }
        return restored;
    }

    /**
     * Moves revisions that no record names to the trash. The journal tells of most; but on btrfs a power cut may keep the
     * end of an intent, which a later change of the same directory made durable, and lose the moves that it stood for.
     */
    private void discardUnnamed(List<String> notes) throws NodeException, LinuxException {
        for (StoredSliver sliver : scan().slivers().values()) {
            SliverRecord record = sliver.record();
            for (int revision : sliver.revisions()) {
                if (!RevisionUse.isNamed(record, revision) && !names(record.id(), revision)) {
                    trash.takeRevision(record.id(), revision, record.driver());
                    notes.add("sliver " + record.id() + ": revision " + revision
                            + ", which nothing names, was moved to the trash");
                }
            }
        }
    }

    /** Begins changes. */
    public Batch begin() throws NodeException {
        writable();
        try {
            String batch = Unique.next();
            int barrier = files.openDirectory("");
            trash.begin(batch);
            return new Batch(this, files, layout, batch, barrier);
        } catch (LinuxException e) {
            throw StoreFault.of(e, "beginning a change", layout.root());
        }
    }

    /** What was thrown away and is not removed yet. */
    public Trash trash() {
        return trash;
    }

    /** The status of each object. */
    public StatusStore statuses() {
        return statuses;
    }

    /** What a source declared last. */
    public DeclaredStore declared() {
        return declared;
    }

    /** Bytes and inodes free on its file system. */
    public Statfs space() throws NodeException {
        try {
            return files.calls().fstatfs(files.root());
        } catch (LinuxException e) {
            throw StoreFault.of(e, "asking for free space", layout.root());
        }
    }

    /** Notes that work is going on with a base, so that it is kept until {@link #released}. */
    public void hold(Digest digest, String work) {
        running.put(digest, work);
    }

    /** The work that {@link #hold} noted has ended. */
    public void released(Digest digest) {
        running.remove(digest);
    }

    /** Who uses which base, as the store says now. */
    public Map<Digest, List<BaseUse>> baseUses() throws NodeException {
        StoreView view = scan();
        List<SliverRecord> records = new ArrayList<>();
        view.slivers().values().forEach(sliver -> records.add(sliver.record()));
        return BaseUse.of(records, view.images().values(), new HashMap<>(running));
    }

    /**
     * Writes the index, where it would differ, so that the next start is fast: at most once a minute, since all of it is
     * written. (It is only a cache; closing the store writes it in any case.) Nothing waits for the disk.
     */
    public synchronized void saveIndex() throws NodeException {
        if (indexed == 0 || System.nanoTime() - indexedAt > INDEX_INTERVAL.toNanos()) {
            writeIndex();
        }
    }

    private synchronized void writeIndex() throws NodeException {
        writable();
        if (indexed != scanner.version()) {
            try {
                Index.save(files, scanner.indexable(), header.id());
                indexed = scanner.version();
                indexedAt = System.nanoTime();
            } catch (LinuxException e) {
                throw StoreFault.of(e, "writing the index", layout.absolute(StoreLayout.INDEX));
            }
        }
    }

    /** Forgets the index and everything remembered, reads the whole store, and writes the index anew. */
    public synchronized StoreView rebuildIndex() throws NodeException {
        writable();
        scanner = new StoreScanner(files, layout, new HashMap<>());
        indexed = 0;
        StoreView view = scan();
        writeIndex();
        return view;
    }

    private void writable() {
        if (lock == null) {
            throw new IllegalStateException("the store is open for reading only");
        }
    }

    synchronized void touched(Set<SliverId> slivers) {
        scanner.touched(slivers);
    }

    synchronized void written(Map<SliverId, Index.Entry> records) {
        scanner.written(records);
    }

    Journal journal() {
        return journal;
    }

    boolean isBtrfs() {
        return btrfs;
    }

    StoreFiles files() {
        return files;
    }

    void end(String batch) {
        trash.end(batch);
        try {
            files.removeDirectory(layout.batch(batch));
        } catch (LinuxException e) {
            return; // not empty: trash now. Or the disk fails, and the next opener removes it.
        }
    }

    /** Whether the sliver's record, as it lies on the disk now, names this revision. */
    boolean names(SliverId sliver, int revision) throws LinuxException {
        return RevisionUse.isNamed(files, layout.sliverRecord(sliver), revision);
    }

    /** Saves the index where it can, gives up the lock. */
    @Override
    public void close() {
        try {
            if (lock != null) {
                writeIndex();
            }
        } catch (NodeException e) {
            // Only a cache, and whatever is wrong with the disk was told by what needed it.
            indexed = 0;
        } finally {
            if (lock != null) {
                lock.release();
            }
            files.calls().close(files.root());
        }
    }
}
