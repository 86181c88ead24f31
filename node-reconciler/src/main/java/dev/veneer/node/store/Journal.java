package dev.veneer.node.store;

import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * Intents: which revisions a commit is about to move in or out of their slivers' directories. A sliver's record alone
 * decides which revisions count; the journal only tells the next opener where to look for those that it does not name,
 * without listing the directories of all slivers.
 */
final class Journal {
    private static final int LIMIT = 64 << 20;

    /**
     * A revision that is on its way in or out.
     *
     * @param sliver whose
     * @param revision its number
     * @param driver the driver that made it
     */
    record Intent(SliverId sliver, int revision, String driver) {}

    private final StoreFiles files;
    private final StoreLayout layout;

    Journal(StoreFiles files, StoreLayout layout) {
        this.files = files;
        this.layout = layout;
    }

    /** Durable when it returns. */
    void write(String batch, List<Intent> intents) throws LinuxException {
        byte[] content = RecordCodec.bytes(json -> {
            json.writeArrayFieldStart("intents");
            for (Intent intent : intents) {
                json.writeStartObject();
                json.writeStringField("sliver", intent.sliver().toString());
                json.writeNumberField("revision", intent.revision());
                json.writeStringField("driver", intent.driver());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
        files.write(layout.intents(batch), content, true);
        files.syncDirectory(StoreLayout.JOURNAL);
    }

    /** What is left of it after a power cut does no harm, so nothing waits for the disk. */
    void remove(String batch) throws LinuxException {
        files.remove(layout.intents(batch));
    }

    /** Moves every intended revision that its record does not name to the trash, then forgets the intents. */
    void recover(Trash trash, List<String> notes) throws LinuxException {
        for (String name : files.list(StoreLayout.JOURNAL)) {
            String path = StoreLayout.JOURNAL + "/" + name;
            if (!isOurs(name, path)) {
                continue;
            }
            for (Intent intent : read(path)) {
                recover(intent, trash, notes);
            }
            files.remove(path);
        }
    }

    /** What else lies there is not ours: it is left alone, and the check tells. */
    private boolean isOurs(String name, String path) throws LinuxException {
        Statx stat = new Statx();
        return name.endsWith(".json") && files.stat(path, stat) && stat.isRegular() && stat.size <= LIMIT;
    }

    private List<Intent> read(String path) throws LinuxException {
        List<Intent> intents = new ArrayList<>();
        try {
            JsonObject json = JsonObject.parse(files.read(path, LIMIT));
            for (JsonObject intent : json.objects("intents")) {
                intents.add(new Intent(
                        SliverId.parse(intent.text("sliver")), intent.integer("revision"), intent.text("driver")));
            }
        } catch (BadRecordException | IllegalArgumentException e) {
            // Cut while it was written, so before anything moved: a complete one is durable before the first move.
            intents.clear();
        }
        return intents;
    }

    private void recover(Intent intent, Trash trash, List<String> notes) throws LinuxException {
        SliverRecord record;
        try {
            record = RecordCodec.sliver(
                    JsonObject.parse(files.read(layout.sliverRecord(intent.sliver()), Store.RECORD_LIMIT)));
        } catch (BadRecordException e) {
            return; // a damaged record names nothing: its revisions are kept until somebody has looked
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return; // the sliver is gone, or its record is, which the check tells
            }
            throw e;
        }
        new MoveReports(files, layout).recover(intent.sliver(), record.revision() == intent.revision());
        if (!RevisionUse.isNamed(record, intent.revision())
                && files.exists(layout.revision(intent.sliver(), intent.revision()))) {
            trash.takeRevision(intent.sliver(), intent.revision(), intent.driver());
            notes.add("sliver " + intent.sliver() + ": revision " + intent.revision()
                    + ", left by an interrupted change, was moved to the trash");
        }
    }
}
