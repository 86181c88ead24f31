package dev.veneer.node.store;

import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.OrderedMap;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the slivers of a store, and again only what has changed: in a steady pass a sliver costs three {@code statx}, of
 * its directory, its record and its directory of revisions.
 */
final class SliverScan {
    private final StoreFiles files;
    private final StoreLayout layout;
    private final Map<String, Map<String, Entry>> namespaces = new HashMap<>();
    private final Map<SliverId, Index.Entry> indexed;
    private final Set<SliverId> unsettled = new HashSet<>();
    private final Map<String, Set<String>> touched = new HashMap<>();
    private final Set<SliverId> looked = new HashSet<>();
    private final Set<SliverId> wrong = new HashSet<>();
    private OrderedMap<SliverId, StoredSliver> all = OrderedMap.empty();
    private long pass;

    /** What is known of one sliver's directory, and by which stamps it is recognised as unchanged. */
    private static final class Entry {
        final byte[] directory;
        final byte[] recordFile;
        final byte[] revisions;
        Stamp directoryStamp = Stamp.NONE;
        Stamp recordStamp = Stamp.NONE;
        Stamp revisionsStamp = Stamp.NONE;

        @Nullable
        StoredSliver stored;

        @Nullable
        StoreProblem problem;

        /** While the record cannot be read: what it said when it last could. */
        @Nullable
        SliverRecord lastGood;

        long seen;

        Entry(String name) {
            directory = StoreFiles.name(name);
            recordFile = StoreFiles.name(name + "/" + StoreLayout.RECORD);
            revisions = StoreFiles.name(name + "/" + StoreLayout.REVISIONS);
        }
    }

    /**
     * @param indexed what the index remembers; entries are taken out when they are used and the file is settled
     */
    SliverScan(StoreFiles files, StoreLayout layout, Map<SliverId, Index.Entry> indexed) {
        this.files = files;
        this.layout = layout;
        this.indexed = indexed;
    }

    /** Looks at everything; true when something differs from the time before. */
    boolean refresh() throws LinuxException {
        pass++;
        unsettled.clear();
        boolean changed = false;
        List<String> names = files.list(StoreLayout.SLIVERS);
        for (String namespace : names) {
            changed |= refresh(namespace);
        }
        for (String gone : List.copyOf(namespaces.keySet())) {
            changed |= !names.contains(gone) && forget(gone);
        }
        indexed.keySet().retainAll(unsettled);
        touched.clear();
        return changed;
    }

    /** Notes which slivers this process has changed. */
    void touched(Set<SliverId> ids) {
        ids.forEach(id -> touched.computeIfAbsent(id.namespace(), namespace -> new HashSet<>())
                .add(id.name()));
    }

    /** Looks only at what this process has changed since the last look; true when something differs from then. */
    boolean refreshTouched() throws LinuxException {
        pass++;
        boolean changed = false;
        for (Map.Entry<String, Set<String>> each : touched.entrySet()) {
            changed |= refresh(each.getKey(), each.getValue());
        }
        touched.clear();
        return changed;
    }

    /** Takes over records that this process has just written, so that they need not be read. */
    void written(Map<SliverId, Index.Entry> records) {
        indexed.putAll(records);
    }

    private boolean refresh(String namespace) throws LinuxException {
        return inNamespace(namespace, (directory, entries) -> {
            boolean changed = refresh(namespace, directory, entries, files.list(directory));
            changed |= entries.entrySet().removeIf(each -> {
                boolean gone = each.getValue().seen != pass;
                if (gone) {
                    looked.add(new SliverId(namespace, each.getKey()));
                }
                return gone;
            });
            return changed;
        });
    }

    private boolean refresh(String namespace, Set<String> names) throws LinuxException {
        return inNamespace(namespace, (directory, entries) -> {
            Statx stat = new Statx();
            List<String> present = new ArrayList<>();
            boolean changed = false;
            for (String name : names) {
                if (files.stat(directory, StoreFiles.name(name), stat)) {
                    present.add(name);
                } else if (entries.remove(name) != null) {
                    looked.add(new SliverId(namespace, name));
                    changed = true;
                }
            }
            changed |= refresh(namespace, directory, entries, present);
            return changed;
        });
    }

    /** What is done in the directory of a namespace. */
    private interface Work {
        boolean in(int directory, Map<String, Entry> entries) throws LinuxException;
    }

    private boolean inNamespace(String namespace, Work work) throws LinuxException {
        int directory;
        try {
            directory = files.openDirectory(layout.namespace(namespace));
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                return forget(namespace);
            }
            throw e;
        }
        try {
            return work.in(directory, namespaces.computeIfAbsent(namespace, n -> new HashMap<>()));
        } finally {
            files.calls().close(directory);
        }
    }

    private boolean forget(String namespace) {
        Map<String, Entry> gone = namespaces.remove(namespace);
        if (gone != null) {
            gone.keySet().forEach(name -> looked.add(new SliverId(namespace, name)));
        }
        return gone != null;
    }

    private boolean refresh(String namespace, int directory, Map<String, Entry> entries, List<String> names)
            throws LinuxException {
        boolean changed = false;
        Statx stat = new Statx();
        for (String name : names) {
            Entry entry = entries.get(name);
            if (entry == null) {
                entry = new Entry(name);
                entries.put(name, entry);
                changed = true;
            }
            entry.seen = pass;
            if (!isUnchanged(directory, entry, stat)) {
                changed |= load(directory, new SliverId(namespace, name), entry, stat);
            }
        }
        return changed;
    }

    private boolean isUnchanged(int directory, Entry entry, Statx stat) throws LinuxException {
        return matches(directory, entry.recordFile, entry.recordStamp, stat)
                && matches(directory, entry.directory, entry.directoryStamp, stat)
                && matches(directory, entry.revisions, entry.revisionsStamp, stat);
    }

    private boolean matches(int directory, byte[] name, Stamp stamp, Statx stat) throws LinuxException {
        return stamp.isSettled() && files.stat(directory, name, stat) && stamp.matches(stat);
    }

    /**
     * Reads one sliver anew; true when it differs from what was known. When that fails, nothing is known by any stamp, so
     * that the next scan reads it again: a sliver that could not be read must never be taken for one that is not there.
     */
    private boolean load(int directory, SliverId id, Entry entry, Statx stat) throws LinuxException {
        StoredSliver before = entry.stored;
        StoreProblem problemBefore = entry.problem;
        Index.Entry remembered = indexed.get(id);
        boolean loaded = false;
        looked.add(id);
        try {
            boolean changed = tryLoad(directory, id, entry, stat);
            loaded = true;
            return changed;
        } finally {
            if (!loaded) {
                entry.stored = before;
                entry.problem = problemBefore;
                entry.directoryStamp = Stamp.NONE;
                entry.recordStamp = Stamp.NONE;
                entry.revisionsStamp = Stamp.NONE;
                if (remembered != null) {
                    indexed.put(id, remembered);
                }
            }
        }
    }

    private boolean tryLoad(int directory, SliverId id, Entry entry, Statx stat) throws LinuxException {
        long now = System.currentTimeMillis() * 1_000_000;
        StoredSliver before = entry.stored;
        StoreProblem problemBefore = entry.problem;
        Stamp recordBefore = entry.recordStamp;
        Stamp revisionsBefore = entry.revisionsStamp;
        entry.directoryStamp = stamp(directory, entry.directory, stat).unlessFresherThan(now);
        Stamp revisionsNow = stamp(directory, entry.revisions, stat);
        entry.revisionsStamp = revisionsNow.unlessFresherThan(now);
        Stamp recordNow = stamp(directory, entry.recordFile, stat);
        entry.recordStamp = recordNow.unlessFresherThan(now);
        entry.problem = null;
        entry.stored = null;
        Index.Entry remembered = indexed.get(id);
        if (!entry.recordStamp.isSettled()) {
            unsettled.add(id);
        }
        try {
            SliverRecord record;
            if (before != null && recordBefore.isSettled() && recordBefore.equals(recordNow)) {
                record = before.record();
            } else {
                record = readRecord(id, recordNow, remembered);
            }
            List<Integer> revisions =
                    before != null && revisionsBefore.isSettled() && revisionsBefore.equals(revisionsNow)
                            ? before.revisions()
                            : revisions(id);
            StoredSliver found = new StoredSliver(record, revisions);
            entry.stored = found.equals(before) ? before : found;
            entry.lastGood = null;
        } catch (BadRecordException e) {
            if (before != null) {
                entry.lastGood = before.record();
            } else if (remembered != null && entry.lastGood == null) {
                entry.lastGood = remembered.record();
            }
            entry.problem = new StoreProblem(
                    ObjectRef.of(id), layout.absolute(layout.sliverRecord(id)), String.valueOf(e.getMessage()));
        }
        return !Objects.equals(entry.stored, before) || !Objects.equals(entry.problem, problemBefore);
    }

    private Stamp stamp(int directory, byte[] name, Statx stat) throws LinuxException {
        return files.stat(directory, name, stat) ? Stamp.of(stat) : Stamp.NONE;
    }

    private SliverRecord readRecord(SliverId id, Stamp stamp, Index.@Nullable Entry remembered)
            throws LinuxException, BadRecordException {
        if (remembered != null && remembered.stamp().equals(stamp)) {
            return remembered.record();
        }
        byte[] content;
        try {
            content = files.read(layout.sliverRecord(id), Store.RECORD_LIMIT);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT, Errno.ENOTDIR)) {
                throw new BadRecordException("there is no record in the sliver's directory");
            }
            if (e.is(Errno.EFBIG, Errno.EISDIR, Errno.EINVAL, Errno.ELOOP, Errno.ENXIO)) {
                throw new BadRecordException("not a record: " + e.getMessage());
            }
            throw e;
        }
        SliverRecord record = RecordCodec.sliver(JsonObject.parse(content));
        if (!record.id().equals(id)) {
            throw new BadRecordException("the record is that of sliver " + record.id());
        }
        return record;
    }

    List<Integer> revisions(SliverId id) throws LinuxException, BadRecordException {
        List<Integer> revisions = new ArrayList<>();
        try {
            for (String name : files.list(layout.revisions(id))) {
                int number = StoreScanner.revisionNumber(name);
                if (number > 0) {
                    revisions.add(number);
                }
            }
        } catch (LinuxException e) {
            if (e.is(Errno.ENOTDIR, Errno.ELOOP)) {
                throw new BadRecordException("its revisions are no directory");
            }
            throw e;
        }
        Collections.sort(revisions);
        return revisions;
    }

    /** All slivers; those of which nothing has changed are the very same objects as in the map of before. */
    OrderedMap<SliverId, StoredSliver> slivers() {
        bringUp();
        return all;
    }

    void addProblems(List<StoreProblem> problems) {
        bringUp();
        for (SliverId id : wrong) {
            Entry entry = entry(id);
            StoreProblem problem = entry == null ? null : entry.problem;
            if (problem != null) {
                problems.add(problem);
            }
        }
    }

    /** Takes over what was looked at anew since it was asked last. */
    private void bringUp() {
        Map<SliverId, Optional<StoredSliver>> changes = new HashMap<>();
        for (SliverId id : looked) {
            Entry entry = entry(id);
            changes.put(id, Optional.ofNullable(entry == null ? null : entry.stored));
            if (entry != null && entry.problem != null) {
                wrong.add(id);
            } else {
                wrong.remove(id);
            }
        }
        all = all.with(changes);
        looked.clear();
    }

    private @Nullable Entry entry(SliverId id) {
        Map<String, Entry> entries = namespaces.get(id.namespace());
        return entries == null ? null : entries.get(id.name());
    }

    /** Of slivers whose records cannot be read: what they said last, as far as that is known. */
    List<SliverRecord> lastGood() {
        List<SliverRecord> records = new ArrayList<>();
        for (Map<String, Entry> entries : namespaces.values()) {
            for (Entry entry : entries.values()) {
                SliverRecord record = entry.lastGood;
                if (record != null) {
                    records.add(record);
                }
            }
        }
        return records;
    }

    /** What the index is to remember: records whose stamps are settled. */
    List<Index.Entry> indexable() {
        List<Index.Entry> entries = new ArrayList<>();
        for (Map<String, Entry> known : namespaces.values()) {
            for (Entry entry : known.values()) {
                StoredSliver stored = entry.stored;
                if (stored != null && entry.recordStamp.isSettled()) {
                    entries.add(new Index.Entry(entry.recordStamp, stored.record()));
                }
            }
        }
        return entries;
    }
}
