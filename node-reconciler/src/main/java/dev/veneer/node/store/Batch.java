package dev.veneer.node.store;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.SourceRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Changes to a store that become durable together: as many as there are, with two waits for the disk. Each thing in it
 * is afterwards wholly new or wholly old, whatever happens in between; one that fails does not touch the others.
 *
 * <p>Staging methods may be called by several threads at once; {@link #commit} once, when they are done. A batch that is
 * closed without a commit changes nothing, what it staged goes to the trash. Several batches may be open at once, as
 * long as they do not change the same thing.
 */
public final class Batch implements AutoCloseable {
    /**
     * A tree that waits for its publication.
     *
     * @param record the record that will name it
     * @param revision number of the revision that it is, or holds
     * @param path where it is staged, relative to the store
     * @param stamp of the record's file, when it is staged too
     */
    record Staged(SliverRecord record, int revision, String path, Stamp stamp) {}

    /**
     * A revision that is thrown away.
     *
     * @param sliver whose
     * @param revision its number
     * @param driver the driver that made it
     */
    record Discarded(SliverId sliver, int revision, String driver) {}

    private final StoreFiles files;
    private final StoreLayout layout;
    private final Store store;
    private final String id;
    private final int barrier;
    private boolean hasDirectory;
    private boolean closed;

    final Map<SliverId, Staged> newSlivers = new LinkedHashMap<>();
    final Map<SliverId, Staged> newRevisions = new LinkedHashMap<>();
    final Map<SliverId, byte[]> reports = new LinkedHashMap<>();
    final List<StagedBase> newBases = new ArrayList<>();
    final Map<StagedForm, Boolean> newForms = new LinkedHashMap<>();
    final Map<ObjectRef, byte[]> records = new LinkedHashMap<>();
    final Map<ObjectRef, String> recordPaths = new HashMap<>();
    final Map<ObjectRef, Digest> needed = new HashMap<>();
    final Map<SliverId, String> discardedSlivers = new LinkedHashMap<>();
    final List<Discarded> discardedRevisions = new ArrayList<>();
    final Set<Digest> discardedBases = new HashSet<>();
    final Map<ObjectRef, String> discardedRecords = new LinkedHashMap<>();

    /**
     * @param barrier a descriptor opened for this batch alone: it reports every write-back error since then, also such
     *     as another batch's wait was told already
     */
    Batch(Store store, StoreFiles files, StoreLayout layout, String id, int barrier) {
        this.store = store;
        this.files = files;
        this.layout = layout;
        this.id = id;
        this.barrier = barrier;
    }

    String id() {
        return id;
    }

    int barrier() {
        return barrier;
    }

    /**
     * Stages a new sliver with its first revision (the one that the record names). When something of this name is there
     * when the batch is committed, the sliver fails.
     *
     * @return absolute path of the empty directory that the driver fills
     */
    public String stageSliver(SliverRecord record) throws NodeException {
        String path = layout.batch(id) + "/" + TrashEntry.nameOf(record.id(), record.driver());
        String revision = path + "/" + StoreLayout.REVISIONS + "/" + record.revision();
        Stamp stamp;
        try {
            makeStaging();
            files.calls().mkdirat(files.root(), StoreFiles.name(path), StoreLayout.PRIVATE);
            // On btrfs the snapshot that follows waits for a transaction, which takes the record along if it is in it
            // already; the batch's own wait then finds nothing left to do.
            stamp = files.writeStamped(path + "/" + StoreLayout.RECORD, RecordCodec.encode(record), store.isBtrfs());
            files.calls()
                    .mkdirat(files.root(), StoreFiles.name(path + "/" + StoreLayout.REVISIONS), StoreLayout.PRIVATE);
            files.calls().mkdirat(files.root(), StoreFiles.name(revision), StoreLayout.PRIVATE);
        } catch (LinuxException e) {
            throw StoreFault.of(e, "staging sliver " + record.id(), layout.absolute(path));
        }
        synchronized (this) {
            needed.put(ObjectRef.of(record.id()), record.baseDigest());
            newSlivers.put(record.id(), new Staged(record, record.revision(), path, stamp));
        }
        return layout.absolute(revision);
    }

    /**
     * Stages a further revision of a sliver that exists, and its record, which names that revision as the current one.
     *
     * @return absolute path of the empty directory that the driver fills
     */
    public String stageRevision(SliverRecord record) throws NodeException {
        return stageRevision(record, record.revision());
    }

    /**
     * The same for a revision that the record names as a kept one.
     *
     * @param number of that revision
     */
    public String stageRevision(SliverRecord record, int number) throws NodeException {
        String path = layout.batch(id) + "/" + TrashEntry.nameOf(record.id(), number, record.driver());
        try {
            makeStaging();
            files.calls().mkdirat(files.root(), StoreFiles.name(path), StoreLayout.PRIVATE);
        } catch (LinuxException e) {
            throw StoreFault.of(e, "staging revision " + number + " of sliver " + record.id(), layout.absolute(path));
        }
        synchronized (this) {
            needed.put(ObjectRef.of(record.id()), record.baseDigest());
            newRevisions.put(record.id(), new Staged(record, number, path, Stamp.NONE));
        }
        return layout.absolute(path);
    }

    /**
     * Keeps what the move to a staged revision decided, for people; it replaces the one before when the revision comes
     * into force, and not otherwise.
     *
     * @param json the report, which names the revision
     */
    public synchronized void report(SliverId sliver, String json) {
        reports.put(sliver, json.getBytes(StandardCharsets.UTF_8));
    }

    /** Leaves a staged sliver or revision out of the commit, because filling it failed; its files become trash. */
    public synchronized void drop(SliverId sliver) {
        newSlivers.remove(sliver);
        newRevisions.remove(sliver);
        reports.remove(sliver);
    }

    /** Stages a base image's tree. */
    public StagedBase stageBase() throws NodeException {
        String path = layout.batch(id) + "/base." + Unique.next();
        try {
            makeStaging();
            files.calls().mkdirat(files.root(), StoreFiles.name(path), StoreLayout.PRIVATE);
        } catch (LinuxException e) {
            throw StoreFault.of(e, "staging a base", layout.absolute(path));
        }
        StagedBase base = new StagedBase(files, layout, path);
        synchronized (this) {
            newBases.add(base);
        }
        return base;
    }

    /**
     * Stages a further form of a base that is in the store. It is published by the commit if {@link #formComplete} was
     * called for it.
     *
     * @return absolute path where the form is to be made; nothing is there yet
     */
    public synchronized String stageForm(Digest digest, BaseForm form) {
        StagedForm staged = new StagedForm(digest, form, id);
        newForms.put(staged, false);
        return layout.absolute(layout.base(digest) + "/" + staged.fileName());
    }

    /** The staged form is whole. */
    public synchronized void formComplete(Digest digest, BaseForm form) {
        newForms.replace(new StagedForm(digest, form, id), true);
    }

    /**
     * Replaces the record of a sliver that exists. Of one that this batch stages, the record that will be published.
     */
    public void replace(SliverRecord record) throws NodeException {
        Staged staged;
        synchronized (this) {
            staged = newSlivers.get(record.id());
            Staged revision = newRevisions.get(record.id());
            if (revision != null) {
                newRevisions.put(record.id(), new Staged(record, revision.revision(), revision.path(), Stamp.NONE));
                return;
            }
            if (staged == null) {
                put(ObjectRef.of(record.id()), layout.sliverRecord(record.id()), RecordCodec.encode(record));
                return;
            }
        }
        try {
            Stamp stamp =
                    files.writeStamped(staged.path() + "/" + StoreLayout.RECORD, RecordCodec.encode(record), false);
            synchronized (this) {
                newSlivers.put(record.id(), new Staged(record, record.revision(), staged.path(), stamp));
            }
        } catch (LinuxException e) {
            throw StoreFault.of(e, "staging sliver " + record.id(), layout.absolute(staged.path()));
        }
    }

    /** Replaces or makes the record of a BaseImage; not if this batch fails to publish the base that it names. */
    public synchronized void replace(ImageRecord record) {
        Digest digest = record.digest();
        if (digest != null) {
            needed.put(ObjectRef.image(record.name()), digest);
        }
        put(ObjectRef.image(record.name()), layout.image(record.name()), RecordCodec.encode(record));
    }

    /** Replaces the record of a base that is in the store. */
    public synchronized void replace(BaseRecord record) {
        put(
                ObjectRef.base(record.digest()),
                layout.base(record.digest()) + "/" + StoreLayout.META,
                RecordCodec.encode(record));
    }

    public synchronized void replace(NodeStoreRecord record) {
        put(ObjectRef.store(record.name()), StoreLayout.NODE_STORE, RecordCodec.encode(record));
    }

    public synchronized void replace(SourceRecord record) {
        put(ObjectRef.source(record.id()), layout.source(record.id()), RecordCodec.encode(record));
    }

    private void put(ObjectRef item, String path, byte[] content) {
        records.put(item, content);
        recordPaths.put(item, path);
    }

    /** Throws a sliver away with all its revisions. The caller has made sure that nothing uses it. */
    public synchronized void discard(SliverRecord record) {
        discardedSlivers.put(record.id(), record.driver());
    }

    /**
     * Throws one revision away, after the record in the store (or the one that this batch puts there) has ceased to
     * name it.
     *
     * @param driver the driver that made it
     */
    public synchronized void discardRevision(SliverId sliver, int revision, String driver) {
        discardedRevisions.add(new Discarded(sliver, revision, driver));
    }

    /** Throws a base away with all its forms; refused while a sliver's record names it. */
    public synchronized void discardBase(Digest digest) {
        discardedBases.add(digest);
    }

    /** Forgets a BaseImage; its base stays. */
    public synchronized void discardImage(String name) {
        discardedRecords.put(ObjectRef.image(name), layout.image(name));
    }

    /** Forgets a source of desired state. */
    public synchronized void discardSource(String source) {
        discardedRecords.put(ObjectRef.source(source), layout.source(source));
    }

    /**
     * Makes everything durable. Afterwards the batch is closed.
     *
     * @throws NodeException when the disk itself fails, so that nothing can be said to be durable: what was not yet
     *     published is not, the rest is old or new
     */
    public BatchResult commit() throws NodeException {
        if (closed) {
            throw new IllegalStateException("the batch is closed");
        }
        Set<SliverId> slivers = slivers();
        try {
            return new Commit(store, files, layout, this).run();
        } finally {
            store.touched(slivers);
            close();
        }
    }

    /** Of which slivers the commit may change anything. */
    private synchronized Set<SliverId> slivers() {
        Set<SliverId> slivers = new HashSet<>(newSlivers.keySet());
        slivers.addAll(newRevisions.keySet());
        slivers.addAll(discardedSlivers.keySet());
        discardedRevisions.forEach(discarded -> slivers.add(discarded.sliver()));
        for (ObjectRef item : records.keySet()) {
            if (item.kind() == ObjectRef.Kind.Sliver) {
                slivers.add(SliverId.parse(item.name()));
            }
        }
        return slivers;
    }

    /** Ends the batch; without a commit before, what it staged becomes trash. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            files.calls().close(barrier);
            store.end(id);
        }
    }

    private synchronized void makeStaging() throws LinuxException {
        if (!hasDirectory) {
            files.makeDirectory(layout.batch(id), StoreLayout.PRIVATE);
            hasDirectory = true;
        }
    }

    boolean hasDirectory() {
        return hasDirectory;
    }
}
