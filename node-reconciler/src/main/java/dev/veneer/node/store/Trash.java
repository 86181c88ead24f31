package dev.veneer.node.store;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The trash: a rename takes a thing out of the store at once, its content goes later, in steps that may be interrupted
 * anywhere. What dead batches left in staging counts as trash too.
 */
public final class Trash {
    private final StoreFiles files;
    private final StoreLayout layout;
    private final Set<String> liveBatches = ConcurrentHashMap.newKeySet();

    Trash(StoreFiles files, StoreLayout layout) {
        this.files = files;
        this.layout = layout;
    }

    void begin(String batch) {
        liveBatches.add(batch);
    }

    void end(String batch) {
        liveBatches.remove(batch);
    }

    /** Where something of this name is moved: a path that nothing else uses. */
    private static String place(String name) {
        return StoreLayout.TRASH + "/" + name + "." + Unique.next();
    }

    void takeSliver(SliverId id, String driver) throws LinuxException {
        files.rename(layout.sliver(id), place(TrashEntry.nameOf(id, driver)), Abi.RENAME_NOREPLACE);
    }

    void takeRevision(SliverId id, int revision, String driver) throws LinuxException {
        files.rename(
                layout.revision(id, revision), place(TrashEntry.nameOf(id, revision, driver)), Abi.RENAME_NOREPLACE);
    }

    void takeBase(Digest digest) throws LinuxException {
        files.rename(layout.base(digest), place("base." + digest.hex()), Abi.RENAME_NOREPLACE);
    }

    /** Everything that waits for its removal. */
    public List<TrashEntry> entries() throws NodeException {
        try {
            List<TrashEntry> entries = new ArrayList<>();
            addAll(StoreLayout.TRASH, entries);
            for (String batch : directories(StoreLayout.STAGING)) {
                if (!liveBatches.contains(batch)) {
                    addAll(StoreLayout.STAGING + "/" + batch, entries);
                }
            }
            for (String base : directories(StoreLayout.BASES)) {
                for (String name : files.list(StoreLayout.BASES + "/" + base)) {
                    Optional<String> batch = StagedForm.batchOf(name);
                    if (batch.isPresent() && !liveBatches.contains(batch.get())) {
                        String path = StoreLayout.BASES + "/" + base + "/" + name;
                        entries.add(new TrashEntry(TrashEntry.Kind.FORM, path, null, 0, ""));
                    }
                }
            }
            return entries;
        } catch (LinuxException e) {
            throw StoreFault.of(e, "listing the trash", layout.absolute(StoreLayout.TRASH));
        }
    }

    /** The directories in a directory: what else lies there is not ours, and no reason to stop at it. */
    private List<String> directories(String directory) throws LinuxException {
        List<String> names = new ArrayList<>();
        Statx stat = new Statx();
        for (String name : files.list(directory)) {
            if (files.stat(directory + "/" + name, stat) && stat.isDirectory()) {
                names.add(name);
            }
        }
        return names;
    }

    private void addAll(String directory, List<TrashEntry> entries) throws LinuxException {
        for (String name : directories(directory)) {
            TrashEntry entry = TrashEntry.parse(directory + "/" + name);
            if (entry != null) {
                entries.add(entry);
            }
        }
    }

    /** Removes one entry. May be interrupted anywhere; what is left is an entry again. */
    public void empty(TrashEntry entry, TrashRemover remover) throws NodeException {
        try {
            switch (entry.kind()) {
                case SLIVER -> emptySliver(entry, remover);
                case REVISION -> emptyRevision(entry.path(), entry.driver(), owner(entry), entry.revision(), remover);
                case BASE -> emptyBase(entry.path(), remover);
                case FORM -> remover.removeForm(StagedForm.formOf(entry.path()), layout.absolute(entry.path()));
            }
            if (entry.path().startsWith(StoreLayout.STAGING + "/")) {
                removeEmptyBatch(entry.path().substring(0, entry.path().lastIndexOf('/')));
            }
        } catch (LinuxException e) {
            throw StoreFault.of(e, "removing what was thrown away", layout.absolute(entry.path()));
        }
    }

    /** Removes staging directories of dead batches that hold nothing. */
    void removeEmptyBatches() throws LinuxException {
        for (String batch : directories(StoreLayout.STAGING)) {
            if (!liveBatches.contains(batch)) {
                removeEmptyBatch(layout.batch(batch));
            }
        }
    }

    private void removeEmptyBatch(String path) throws LinuxException {
        try {
            files.removeDirectory(path);
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOTEMPTY, Errno.ENOTDIR)) {
                throw e;
            }
        }
    }

    private static SliverId owner(TrashEntry entry) {
        SliverId sliver = entry.sliver();
        if (sliver == null) {
            throw new IllegalArgumentException("no sliver: " + entry);
        }
        return sliver;
    }

    private void emptySliver(TrashEntry entry, TrashRemover remover) throws LinuxException, NodeException {
        SliverRecord record = recordIn(entry.path());
        String revisions = entry.path() + "/" + StoreLayout.REVISIONS;
        for (String name : files.list(revisions)) {
            int number = StoreScanner.revisionNumber(name);
            if (number == 0) {
                throw foreign(revisions + "/" + name);
            }
            String driver = record == null
                    ? entry.driver()
                    : RevisionUse.driver(record, number).orElse(record.driver());
            emptyRevision(revisions + "/" + name, driver, owner(entry), number, remover);
        }
        files.removeDirectory(revisions);
        for (String name : files.list(entry.path())) {
            if (!name.equals(StoreLayout.RECORD)) {
                removeOwnFile(entry.path() + "/" + name);
            }
        }
        files.remove(entry.path() + "/" + StoreLayout.RECORD);
        files.removeDirectory(entry.path());
    }

    private @Nullable SliverRecord recordIn(String directory) throws LinuxException {
        try {
            return RecordCodec.sliver(
                    JsonObject.parse(files.read(directory + "/" + StoreLayout.RECORD, Store.RECORD_LIMIT)));
        } catch (BadRecordException e) {
            return null;
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT, Errno.EFBIG)) {
                return null;
            }
            throw e;
        }
    }

    private void emptyRevision(String path, String driver, SliverId sliver, int revision, TrashRemover remover)
            throws LinuxException, NodeException {
        if (files.exists(path)) {
            remover.emptyRevision(driver, sliver, revision, layout.absolute(path));
            files.removeDirectory(path);
        }
    }

    private void emptyBase(String path, TrashRemover remover) throws LinuxException, NodeException {
        Statx stat = new Statx();
        // In staging an import makes what it needs; a base that was published has only what a base has.
        boolean published = path.startsWith(StoreLayout.TRASH + "/");
        String foreign = null;
        for (String name : files.list(path)) {
            String inside = path + "/" + name;
            if (published && !isOfBase(name)) {
                foreign = inside;
                continue;
            }
            if (files.stat(inside, stat) && stat.isDirectory()) {
                BaseForm form = name.startsWith(BaseForm.SUBVOL.fileName()) ? BaseForm.SUBVOL : BaseForm.DIR;
                remover.removeForm(
                        StagedForm.batchOf(name).isPresent() ? StagedForm.formOf(inside) : form,
                        layout.absolute(inside));
            } else if (!name.equals(StoreLayout.META)) {
                files.remove(inside);
            }
        }
        if (foreign != null) {
            throw foreign(foreign);
        }
        files.remove(path + "/" + StoreLayout.META);
        files.removeDirectory(path);
    }

    private static boolean isOfBase(String name) {
        for (BaseForm form : BaseForm.values()) {
            if (name.equals(form.fileName())) {
                return true;
            }
        }
        return name.equals(StoreLayout.META)
                || name.equals(StoreLayout.MANIFEST)
                || name.startsWith(StoreLayout.UNFINISHED);
    }

    private void removeOwnFile(String path) throws LinuxException, NodeException {
        String name = path.substring(path.lastIndexOf('/') + 1);
        boolean ours = name.startsWith(StoreLayout.UNFINISHED)
                || name.equals(StoreLayout.SLIVER_STATUS)
                || name.equals(StoreLayout.REBASE_REPORT);
        if (!ours) {
            throw foreign(path);
        }
        files.remove(path);
    }

    private NodeException foreign(String path) {
        return new NodeException(
                Reason.ForeignObject,
                Follow.WAIT,
                layout.absolute(path) + " is not Veneer's and is not removed. Move it away; the rest goes then.");
    }
}
