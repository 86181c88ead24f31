package dev.veneer.node.store;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.BaseUse;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The steps by which a batch becomes durable. Their order is the crash contract ({@code docs/crash-contract.md}): what a
 * name will point to is on the disk before the name is, and what a name pointed to goes after the name is gone.
 */
final class Commit {
    /** Up to so many files or directories are waited for one by one; beyond, the whole file system once. */
    private static final int FEW = 8;

    private final Store store;
    private final StoreFiles files;
    private final StoreLayout layout;
    private final Batch batch;
    private final MoveReports reports;
    private final Map<ObjectRef, NodeException> failed = new LinkedHashMap<>();
    private final Set<ObjectRef> touched = new LinkedHashSet<>();
    private final Set<String> directories = new TreeSet<>();
    private final Set<String> namespaces = new HashSet<>();
    private boolean moved;

    Commit(Store store, StoreFiles files, StoreLayout layout, Batch batch) {
        this.store = store;
        this.files = files;
        this.layout = layout;
        this.batch = batch;
        this.reports = new MoveReports(files, layout);
    }

    /** A step for one item, which fails alone. */
    private interface Step {
        void run() throws LinuxException, NodeException;
    }

    BatchResult run() throws NodeException {
        boolean intents = writeIntents();
        moveRevisions();
        writeRecords();
        if (hasTrees()) {
            barrier();
        }
        publishBases();
        publishSlivers();
        publishRecords();
        discardSlivers();
        makeDirectoriesDurable();
        boolean reported = publishReports();
        discardRest();
        // With a failure, the next opener looks again at what was on its way; looking once too often does no harm.
        if (intents && reported && failed.isEmpty()) {
            attempt(
                    null,
                    "ending the batch",
                    layout.intents(batch.id()),
                    () -> files.remove(layout.intents(batch.id())));
        }
        Set<ObjectRef> done = new LinkedHashSet<>(touched);
        done.removeAll(failed.keySet());
        return new BatchResult(done, failed);
    }

    private boolean hasTrees() {
        return !batch.newSlivers.isEmpty()
                || !batch.newRevisions.isEmpty()
                || !batch.newBases.isEmpty()
                || !batch.newForms.isEmpty()
                || batch.records.size() > FEW;
    }

    private boolean writeIntents() throws NodeException {
        List<Journal.Intent> intents = new ArrayList<>();
        for (Batch.Staged staged : batch.newRevisions.values()) {
            SliverRecord record = staged.record();
            intents.add(new Journal.Intent(record.id(), staged.revision(), record.driver()));
        }
        for (Batch.Discarded gone : batch.discardedRevisions) {
            intents.add(new Journal.Intent(gone.sliver(), gone.revision(), gone.driver()));
        }
        if (intents.isEmpty()) {
            return false;
        }
        try {
            store.journal().write(batch.id(), intents);
        } catch (LinuxException e) {
            throw StoreFault.of(e, "noting what is about to change", layout.absolute(StoreLayout.JOURNAL));
        }
        return true;
    }

    /** Not named by any record yet, a revision may lie in its place before it is durable. */
    private void moveRevisions() {
        for (Batch.Staged staged : batch.newRevisions.values()) {
            SliverRecord record = staged.record();
            SliverId id = record.id();
            String place = layout.revision(id, staged.revision());
            attempt(ObjectRef.of(id), "placing revision " + staged.revision(), place, () -> {
                files.makeDirectory(layout.revisions(id), StoreLayout.PRIVATE);
                try {
                    files.rename(staged.path(), place, Abi.RENAME_NOREPLACE);
                } catch (LinuxException e) {
                    if (!e.is(Errno.EEXIST) || store.names(id, staged.revision())) {
                        throw e;
                    }
                    // left by interrupted work and named by nothing: it becomes trash
                    files.rename(staged.path(), place, Abi.RENAME_EXCHANGE);
                }
                directories.add(layout.revisions(id));
                batch.records.put(ObjectRef.of(id), RecordCodec.encode(record));
                batch.recordPaths.put(ObjectRef.of(id), layout.sliverRecord(id));
            });
        }
    }

    private void writeRecords() {
        boolean one = !hasTrees();
        for (Map.Entry<ObjectRef, byte[]> entry : batch.records.entrySet()) {
            String path = unfinished(path(entry.getKey()));
            attempt(entry.getKey(), "writing the record of " + entry.getKey(), path, () -> {
                files.write(path, entry.getValue(), one);
            });
        }
        batch.reports.forEach((id, report) -> attempt(
                ObjectRef.of(id),
                "writing the report of its move",
                layout.rebaseReport(id),
                () -> reports.stage(id, report)));
    }

    /** Their revisions are in force, whatever becomes of the reports; the next opener tries again. */
    private boolean publishReports() {
        boolean all = true;
        for (SliverId id : batch.reports.keySet()) {
            if (failed.containsKey(ObjectRef.of(id))) {
                continue;
            }
            try {
                reports.publish(id);
            } catch (LinuxException e) {
                all = false;
            }
        }
        return all;
    }

    private void publishBases() throws NodeException {
        Set<String> bases = new TreeSet<>();
        for (StagedBase base : batch.newBases) {
            BaseRecord record = base.record();
            if (record != null) {
                attempt(ObjectRef.base(record.digest()), "publishing the base", layout.base(record.digest()), () -> {
                    publishBase(base, record.digest());
                    bases.add(StoreLayout.BASES);
                });
            }
        }
        batch.newForms.forEach((form, complete) -> {
            String directory = layout.base(form.digest());
            if (complete) {
                attempt(ObjectRef.base(form.digest()), "publishing a form", directory, () -> {
                    String place = layout.form(form.digest(), form.form());
                    files.rename(directory + "/" + form.fileName(), place, Abi.RENAME_NOREPLACE);
                    bases.add(directory);
                });
            }
        });
        sync(bases);
        Set<Digest> fresh = new HashSet<>();
        batch.newBases.forEach(base -> {
            BaseRecord record = base.record();
            if (record != null) {
                fresh.add(record.digest());
            }
        });
        batch.newForms.keySet().forEach(form -> fresh.add(form.digest()));
        batch.needed.forEach((item, digest) -> {
            // What fails of a base that is there already (its mark cannot be written) takes nothing from its users.
            NodeException failure = fresh.contains(digest) ? failed.get(ObjectRef.base(digest)) : null;
            if (failure != null) {
                fail(item, failure);
            }
        });
    }

    private void publishBase(StagedBase base, Digest digest) throws LinuxException {
        String place = layout.base(digest);
        moved = true;
        try {
            files.rename(base.path(), place, Abi.RENAME_NOREPLACE);
        } catch (LinuxException e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
            // Two imports of one content: the first stays. One without a record is no base: the new one takes its
            // place.
            if (!files.exists(place + "/" + StoreLayout.META)) {
                files.rename(base.path(), place, Abi.RENAME_EXCHANGE);
            }
        }
    }

    private void publishSlivers() {
        Map<SliverId, Index.Entry> written = new HashMap<>();
        for (Batch.Staged staged : batch.newSlivers.values()) {
            SliverId id = staged.record().id();
            attempt(ObjectRef.of(id), "publishing sliver " + id, layout.sliver(id), () -> {
                String namespace = layout.namespace(id.namespace());
                if (namespaces.add(namespace) && files.makeDirectory(namespace, StoreLayout.PRIVATE)) {
                    directories.add(StoreLayout.SLIVERS);
                }
                moved = true;
                publish(id, staged);
                directories.add(namespace);
                written.put(id, new Index.Entry(staged.stamp(), staged.record()));
            });
        }
        store.written(written);
    }

    /** Whatever has its name already may be somebody's data: nothing is put in its place, however it came to be there. */
    private void publish(SliverId id, Batch.Staged staged) throws LinuxException, NodeException {
        try {
            files.rename(staged.path(), layout.sliver(id), Abi.RENAME_NOREPLACE);
        } catch (LinuxException e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
            Statx stat = new Statx();
            boolean isDirectory = files.stat(layout.sliver(id), stat) && stat.isDirectory();
            throw new NodeException(
                    Reason.ForeignObject,
                    Follow.WAIT,
                    layout.absolute(layout.sliver(id))
                            + (isDirectory
                                    ? " is there already, although no sliver of that name was known: it is not touched."
                                            + " `veneer store check` tells what it is; move it away if it is not wanted."
                                    : " is not a directory and not Veneer's: it is not touched. Move it away."));
        }
    }

    private void publishRecords() {
        for (ObjectRef item : batch.records.keySet()) {
            String path = path(item);
            attempt(item, "replacing the record of " + item, path, () -> {
                files.rename(unfinished(path), path, 0);
                directories.add(parent(path));
            });
            if (failed.containsKey(item)) {
                undo(item, path);
            }
        }
        batch.discardedRecords.forEach((item, path) -> attempt(item, "forgetting " + item, path, () -> {
            if (files.remove(path)) {
                directories.add(parent(path));
            }
        }));
    }

    /** Takes back what a failed replacement has left. */
    private void undo(ObjectRef item, String path) {
        try {
            files.remove(unfinished(path));
            if (item.kind() == ObjectRef.Kind.Sliver) {
                reports.discard(SliverId.parse(item.name()));
                Batch.Staged staged = batch.newRevisions.get(SliverId.parse(item.name()));
                if (staged != null) {
                    String place = layout.revision(staged.record().id(), staged.revision());
                    files.rename(place, staged.path(), Abi.RENAME_NOREPLACE);
                }
            }
        } catch (LinuxException e) {
            return; // the next opener finds it by the intent
        }
    }

    private void discardSlivers() {
        batch.discardedSlivers.forEach(
                (id, driver) -> attempt(ObjectRef.of(id), "throwing sliver " + id + " away", layout.sliver(id), () -> {
                    moved = true;
                    if (files.exists(layout.sliver(id))) {
                        store.trash().takeSliver(id, driver);
                        directories.add(layout.namespace(id.namespace()));
                        directories.add(StoreLayout.TRASH);
                    }
                }));
    }

    private void makeDirectoriesDurable() throws NodeException {
        sync(directories);
    }

    /** What nothing durable names any more. Not waited for: what a power cut brings back is found and goes again. */
    private void discardRest() {
        for (Batch.Discarded gone : batch.discardedRevisions) {
            ObjectRef item = ObjectRef.of(gone.sliver());
            String path = layout.revision(gone.sliver(), gone.revision());
            attempt(item, "throwing revision " + gone.revision() + " away", path, () -> {
                if (store.names(gone.sliver(), gone.revision())) {
                    throw inUse(path, "its sliver's record still names it");
                }
                if (files.exists(path)) {
                    store.trash().takeRevision(gone.sliver(), gone.revision(), gone.driver());
                }
            });
        }
        if (batch.discardedBases.isEmpty()) {
            return;
        }
        attemptBases();
    }

    private void attemptBases() {
        Map<Digest, List<BaseUse>> uses;
        try {
            uses = store.baseUses();
        } catch (NodeException e) {
            batch.discardedBases.forEach(digest -> fail(ObjectRef.base(digest), e));
            return;
        }
        for (Digest digest : batch.discardedBases) {
            attempt(ObjectRef.base(digest), "throwing the base away", layout.base(digest), () -> {
                for (BaseUse use : uses.getOrDefault(digest, List.of())) {
                    if (use.holds()) {
                        throw inUse(layout.base(digest), use + " uses it");
                    }
                }
                if (files.exists(layout.base(digest))) {
                    store.trash().takeBase(digest);
                }
            });
        }
    }

    private NodeException inUse(String path, String why) {
        return new NodeException(Reason.InUse, Follow.WAIT, layout.absolute(path) + " is kept: " + why + ".");
    }

    private void barrier() throws NodeException {
        try {
            files.calls().syncfs(batch.barrier());
        } catch (LinuxException e) {
            undoAll();
            throw StoreFault.of(e, "making new data durable", layout.root());
        }
    }

    private void undoAll() {
        for (ObjectRef item : batch.records.keySet()) {
            undo(item, path(item));
        }
    }

    private void sync(Set<String> which) throws NodeException {
        try {
            if (which.size() > FEW || (moved && !which.isEmpty() && store.isBtrfs())) {
                files.calls().syncfs(batch.barrier());
            } else {
                for (String directory : which) {
                    files.syncDirectory(directory);
                }
            }
        } catch (LinuxException e) {
            throw StoreFault.of(e, "making the change durable (it may or may not be in force)", layout.root());
        }
    }

    private void attempt(@org.jspecify.annotations.Nullable ObjectRef item, String doing, String path, Step step) {
        if (item != null && failed.containsKey(item)) {
            return;
        }
        if (item != null) {
            touched.add(item);
        }
        try {
            step.run();
        } catch (LinuxException e) {
            if (item != null) {
                fail(item, StoreFault.of(e, doing, layout.absolute(path)));
            }
        } catch (NodeException e) {
            if (item != null) {
                fail(item, e);
            }
        }
    }

    private void fail(ObjectRef item, NodeException failure) {
        touched.add(item);
        failed.putIfAbsent(item, failure);
    }

    private String path(ObjectRef item) {
        return java.util.Objects.requireNonNull(batch.recordPaths.get(item));
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    private static String unfinished(String path) {
        int slash = path.lastIndexOf('/') + 1;
        return path.substring(0, slash) + StoreLayout.UNFINISHED + path.substring(slash);
    }
}
