package dev.veneer.node.store;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.SourceRecord;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads the whole store, and again only what has changed. Confined to one thread at a time by {@link Store}. */
final class StoreScanner {
    private static final String JSON = ".json";

    /** What is known of one file with a record that is not a sliver's. */
    private static final class Known {
        Stamp stamp = Stamp.NONE;
        Stamp directory = Stamp.NONE;

        @Nullable
        Object record;

        @Nullable
        StoreProblem problem;
    }

    /** Turns a file's content into a record. */
    private interface Reader {
        Object read(JsonObject json) throws BadRecordException, LinuxException;
    }

    private final StoreFiles files;
    private final StoreLayout layout;
    private final SliverScan slivers;
    private final Map<String, Known> known = new HashMap<>();
    private @Nullable StoreView view;
    private int version;

    StoreScanner(StoreFiles files, StoreLayout layout, Map<SliverId, Index.Entry> indexed) {
        this.files = files;
        this.layout = layout;
        this.slivers = new SliverScan(files, layout, indexed);
    }

    /** The number that a directory of a revision is named by; 0 when it is not such a name. */
    static int revisionNumber(String name) {
        if (name.isEmpty() || name.length() > 9 || name.charAt(0) == '0') {
            return 0;
        }
        int number = 0;
        for (int i = 0; i < name.length(); i++) {
            int digit = name.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return 0;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    /** @param everything whether also at slivers that this process has not changed since the last scan */
    StoreView scan(boolean everything) throws NodeException {
        try {
            boolean all = everything || view == null;
            boolean changed = all ? slivers.refresh() : slivers.refreshTouched();
            Set<String> present = new HashSet<>();
            changed |= refreshDirectory(StoreLayout.IMAGES, ObjectRef.Kind.BaseImage, present);
            changed |= refreshDirectory(StoreLayout.SOURCES, ObjectRef.Kind.Source, present);
            changed |= refreshBases(present);
            if (files.exists(StoreLayout.NODE_STORE)) {
                present.add(StoreLayout.NODE_STORE);
                changed |= refresh(StoreLayout.NODE_STORE, Stamp.NONE, null, RecordCodec::nodeStore);
            }
            changed |= known.keySet().retainAll(present);
            StoreView last = view;
            if (!changed && last != null) {
                return last;
            }
            StoreView fresh = build();
            view = fresh;
            version++;
            return fresh;
        } catch (LinuxException e) {
            // What was found changed before it failed is no news to the next scan: that one has to make its view anew.
            view = null;
            throw StoreFault.of(e, "reading the store", layout.root());
        }
    }

    /** Raised whenever a scan found something changed; 0 before the first one. */
    int version() {
        return version;
    }

    /** Records that cannot be read now but could before, and that fit the revisions on the disk. */
    List<SliverRecord> restorable() throws LinuxException {
        List<SliverRecord> fitting = new ArrayList<>();
        for (SliverRecord record : slivers.lastGood()) {
            Set<Integer> named = new TreeSet<>();
            if (!record.dataDeleted()) {
                named.add(record.revision());
            }
            record.kept().forEach(kept -> named.add(kept.revision()));
            // An older record than the lost one would name other revisions than those that are there.
            if (List.copyOf(named).equals(revisionsOf(record.id()))) {
                fitting.add(record);
            }
        }
        return fitting;
    }

    private @Nullable List<Integer> revisionsOf(SliverId id) throws LinuxException {
        try {
            return slivers.revisions(id);
        } catch (BadRecordException e) {
            return null; // what should hold them is no directory
        }
    }

    /** Notes which slivers this process has changed. */
    void touched(Set<SliverId> ids) {
        slivers.touched(ids);
    }

    /** Takes over records that this process has just written, so that they need not be read. */
    void written(Map<SliverId, Index.Entry> records) {
        slivers.written(records);
    }

    List<Index.Entry> indexable() {
        return slivers.indexable();
    }

    private boolean refreshDirectory(String directory, ObjectRef.Kind kind, Set<String> present) throws LinuxException {
        boolean changed = false;
        for (String file : files.list(directory)) {
            if (!file.endsWith(JSON) || file.startsWith(StoreLayout.UNFINISHED)) {
                continue;
            }
            String path = directory + "/" + file;
            String name = file.substring(0, file.length() - JSON.length());
            present.add(path);
            changed |= refresh(
                    path,
                    Stamp.NONE,
                    new ObjectRef(kind, name),
                    kind == ObjectRef.Kind.BaseImage ? RecordCodec::image : RecordCodec::source);
        }
        return changed;
    }

    private boolean refreshBases(Set<String> present) throws LinuxException {
        boolean changed = false;
        Statx stat = new Statx();
        for (String hex : files.list(StoreLayout.BASES)) {
            String directory = StoreLayout.BASES + "/" + hex;
            String path = directory + "/" + StoreLayout.META;
            ObjectRef item;
            try {
                item = ObjectRef.base(new Digest(hex));
            } catch (IllegalArgumentException e) {
                continue; // not a base of ours: the check tells
            }
            if (!files.stat(directory, stat)) {
                continue;
            }
            present.add(path);
            changed |= refresh(path, Stamp.of(stat), item, json -> RecordCodec.base(json, forms(directory)));
        }
        return changed;
    }

    private Set<BaseForm> forms(String directory) throws LinuxException {
        Set<BaseForm> forms = EnumSet.noneOf(BaseForm.class);
        for (BaseForm form : BaseForm.values()) {
            if (files.exists(directory + "/" + form.fileName())) {
                forms.add(form);
            }
        }
        return forms;
    }

    private boolean refresh(String path, Stamp directory, @Nullable ObjectRef item, Reader reader)
            throws LinuxException {
        Known entry = known.computeIfAbsent(path, p -> new Known());
        Statx stat = new Statx();
        boolean there = files.stat(path, stat);
        if (there && entry.stamp.matches(stat) && entry.directory.equals(directory)) {
            return false;
        }
        long now = System.currentTimeMillis() * 1_000_000;
        Stamp stamp = there ? Stamp.of(stat) : Stamp.NONE;
        boolean settled = there && !stamp.isFresherThan(now) && !directory.isFresherThan(now);
        entry.stamp = settled ? stamp : Stamp.NONE;
        entry.directory = directory;
        Object before = entry.record;
        StoreProblem problemBefore = entry.problem;
        entry.record = null;
        entry.problem = null;
        try {
            Object record = reader.read(JsonObject.parse(files.read(path, Store.RECORD_LIMIT)));
            ObjectRef told = itemOf(record);
            if (item != null && !item.equals(told)) {
                throw new BadRecordException("the record is that of " + told);
            }
            entry.record = record.equals(before) ? before : record;
        } catch (BadRecordException e) {
            entry.problem = new StoreProblem(item, layout.absolute(path), String.valueOf(e.getMessage()));
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.EFBIG, Errno.EISDIR, Errno.EINVAL, Errno.ELOOP)) {
                // It could not be read, which does not mean that it is not there: read again next time.
                entry.stamp = Stamp.NONE;
                entry.record = before;
                entry.problem = problemBefore;
                throw e;
            }
            entry.problem = new StoreProblem(
                    item, layout.absolute(path), e.is(Errno.ENOENT) ? "there is no such record" : e.getMessage() + "");
        }
        return entry.record != before || !Objects.equals(entry.problem, problemBefore);
    }

    private static ObjectRef itemOf(Object record) {
        if (record instanceof ImageRecord image) {
            return ObjectRef.image(image.name());
        }
        if (record instanceof BaseRecord base) {
            return ObjectRef.base(base.digest());
        }
        if (record instanceof SourceRecord source) {
            return ObjectRef.source(source.id());
        }
        return ObjectRef.store(((NodeStoreRecord) record).name());
    }

    private StoreView build() {
        TreeMap<String, ImageRecord> images = new TreeMap<>();
        TreeMap<Digest, BaseRecord> bases = new TreeMap<>();
        TreeMap<String, SourceRecord> sources = new TreeMap<>();
        NodeStoreRecord nodeStore = null;
        List<StoreProblem> problems = new ArrayList<>();
        slivers.addProblems(problems);
        for (Known entry : known.values()) {
            StoreProblem problem = entry.problem;
            if (problem != null) {
                problems.add(problem);
            }
            Object record = entry.record;
            if (record instanceof ImageRecord image) {
                images.put(image.name(), image);
            } else if (record instanceof BaseRecord base) {
                bases.put(base.digest(), base);
            } else if (record instanceof SourceRecord source) {
                sources.put(source.id(), source);
            } else if (record instanceof NodeStoreRecord own) {
                nodeStore = own;
            }
        }
        problems.sort(java.util.Comparator.comparing(StoreProblem::path));
        return new StoreView(slivers.slivers(), images, bases, sources, nodeStore, problems);
    }
}
