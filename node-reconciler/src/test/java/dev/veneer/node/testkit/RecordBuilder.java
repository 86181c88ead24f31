package dev.veneer.node.testkit;

import dev.veneer.node.model.Digest;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.Rerun;
import dev.veneer.node.model.RollbackState;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the record of a sliver that a test needs: it says what matters to it, the rest is something plain. */
public final class RecordBuilder {
    private final SliverId id;
    private String uid = "uid";
    private long generation = 1;
    private @Nullable String namespace;
    private String source = "s";
    private Instant createdAt = Instant.EPOCH;
    private String spec = "{}";
    private String driver = "overlay";
    private String store = "n";
    private String base = "b";
    private Digest digest = new Digest("0".repeat(64));
    private int revision = 1;
    private RollbackState rollback = RollbackState.NONE;
    private @Nullable IdRange idRange;
    private List<Rerun> reruns = List.of();
    private @Nullable Instant retainedAt;

    private RecordBuilder(SliverId id) {
        this.id = id;
    }

    /** Of a sliver at its first revision, an overlay. */
    public static RecordBuilder of(SliverId id) {
        return new RecordBuilder(id);
    }

    public RecordBuilder uid(String value) {
        uid = value;
        return this;
    }

    public RecordBuilder generation(long value) {
        generation = value;
        return this;
    }

    /** The uid of its namespace. */
    public RecordBuilder namespace(String value) {
        namespace = value;
        return this;
    }

    /** Which source declared it last, and what. */
    public RecordBuilder declared(String bySource, String canonicalSpec) {
        source = bySource;
        spec = canonicalSpec;
        return this;
    }

    public RecordBuilder createdAt(Instant value) {
        createdAt = value;
        return this;
    }

    public RecordBuilder driver(String value) {
        driver = value;
        return this;
    }

    public RecordBuilder store(String value) {
        store = value;
        return this;
    }

    public RecordBuilder base(String name, Digest content) {
        base = name;
        digest = content;
        return this;
    }

    public RecordBuilder revision(int value) {
        revision = value;
        return this;
    }

    public RecordBuilder rollback(RollbackState value) {
        rollback = value;
        return this;
    }

    public RecordBuilder idRange(IdRange value) {
        idRange = value;
        return this;
    }

    public RecordBuilder reruns(List<Rerun> value) {
        reruns = value;
        return this;
    }

    public RecordBuilder retainedAt(@Nullable Instant value) {
        retainedAt = value;
        return this;
    }

    public SliverRecord build() {
        return new SliverRecord(
                id,
                uid,
                generation,
                source,
                createdAt,
                spec,
                driver,
                "",
                store,
                "/r/" + id.name(),
                base,
                digest,
                revision,
                1,
                idRange,
                List.of(),
                List.of(),
                rollback,
                reruns,
                null,
                retainedAt,
                false,
                namespace);
    }
}
