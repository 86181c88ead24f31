package dev.veneer.node.store;

import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.PreviousRevision;
import dev.veneer.node.model.RollbackState;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Records and changes for the tests of the store. */
final class Samples {
    static final LinuxCalls REAL = new JnrLinuxCalls();
    static final Instant NOW = Instant.parse("2026-03-04T05:06:07.089Z");
    static final Digest BASE = digest(1);

    private Samples() {}

    static Digest digest(int n) {
        return new Digest(String.format("%064x", n));
    }

    static SliverId id(String name) {
        return new SliverId("default", name);
    }

    /** A sliver at revision 1. */
    static SliverRecord sliver(SliverId id) {
        return new SliverRecord(
                id,
                "uid-of-" + id.name(),
                1,
                "files-1",
                NOW,
                "{\"baseImage\":\"debian\"}",
                "overlay",
                "first available",
                "node",
                "/srv/" + id.name(),
                "debian",
                BASE,
                1,
                1,
                null,
                List.of(),
                List.of(),
                RollbackState.NONE,
                List.of(),
                null,
                null,
                false);
    }

    /** The same sliver with a further revision, the one before kept. */
    static SliverRecord next(SliverRecord record) {
        List<PreviousRevision> previous = new ArrayList<>(record.previous());
        previous.add(
                0,
                new PreviousRevision(
                        record.revision(),
                        "NewInstance",
                        record.driver(),
                        record.baseName(),
                        record.baseDigest(),
                        NOW,
                        NOW.plusSeconds(60),
                        List.of()));
        return copy(record, record.revision() + 1, previous, record.generation() + 1);
    }

    /** The same sliver without kept revisions. */
    static SliverRecord withoutPrevious(SliverRecord record) {
        return copy(record, record.revision(), List.of(), record.generation() + 1);
    }

    static SliverRecord copy(SliverRecord r, int revision, List<PreviousRevision> previous, long generation) {
        return new SliverRecord(
                r.id(),
                r.uid(),
                generation,
                r.sourceId(),
                r.createdAt(),
                r.canonicalSpec(),
                r.driver(),
                r.driverReason(),
                r.store(),
                r.rootfs(),
                r.baseName(),
                r.baseDigest(),
                revision,
                r.instanceSerial() + 1,
                new IdRange(1_000_000, 65_536),
                previous,
                List.of(),
                RollbackState.NONE,
                List.of(),
                null,
                r.retainedAt(),
                r.dataDeleted());
    }

    static ImageRecord image(String name, Digest digest) {
        return new ImageRecord(name, "uid-of-" + name, 1, "files-1", NOW, "{}", digest);
    }

    static BaseRecord base(Digest digest) {
        return new BaseRecord(digest, 10, 2, NOW, Set.of(BaseForm.DIR), null, Duration.ofHours(24));
    }

    /** Makes a base with a file in it and its image in one batch. */
    static void importBase(Store store, Digest digest, String image) throws Exception {
        try (Batch batch = store.begin()) {
            stageBase(store, batch, digest);
            batch.replace(image(image, digest));
            batch.commit();
        }
    }

    static void stageBase(Store store, Batch batch, Digest digest) throws Exception {
        StagedBase staged = batch.stageBase();
        store.files().calls().mkdirat(-100, PathBytes.of(staged.tree(BaseForm.DIR)), 0755);
        fill(store, staged.tree(BaseForm.DIR), "file", "base " + digest);
        int slash = staged.manifest().lastIndexOf('/');
        fill(store, staged.manifest().substring(0, slash), staged.manifest().substring(slash + 1), "manifest");
        staged.complete(base(digest));
    }

    /** Writes a file by the store's own calls, so that it can be cut. */
    static void fill(Store store, String directory, String name, String content) throws LinuxException {
        String root = store.layout().root() + "/";
        if (!directory.startsWith(root)) {
            throw new IllegalArgumentException(directory);
        }
        store.files()
                .write(
                        directory.substring(root.length()) + "/" + name,
                        content.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        false);
    }

    /** Makes a sliver whose first revision holds one file that names it. */
    static void stage(Store store, Batch batch, SliverRecord record) throws Exception {
        fill(store, batch.stageSliver(record), "mark", record.id() + "@" + record.revision());
    }

    static void stageNext(Store store, Batch batch, SliverRecord record) throws Exception {
        fill(store, batch.stageRevision(record), "mark", record.id() + "@" + record.revision());
    }
}
