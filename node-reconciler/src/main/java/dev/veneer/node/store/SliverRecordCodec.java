package dev.veneer.node.store;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.PreviousRevision;
import dev.veneer.node.model.Rerun;
import dev.veneer.node.model.RewriteSettings;
import dev.veneer.node.model.RollbackState;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.Snapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The stored form of slivers' records. What is empty is not written, so that most records are small. */
final class SliverRecordCodec {
    private SliverRecordCodec() {}

    static byte[] encode(SliverRecord record) {
        return RecordCodec.bytes(json -> {
            json.writeStringField("sliver", record.id().toString());
            json.writeStringField("uid", record.uid());
            json.writeNumberField("generation", record.generation());
            json.writeStringField("source", record.sourceId());
            json.writeStringField("createdAt", record.createdAt().toString());
            json.writeStringField("spec", record.canonicalSpec());
            json.writeStringField("driver", record.driver());
            json.writeStringField("driverReason", record.driverReason());
            json.writeStringField("store", record.store());
            json.writeStringField("rootfs", record.rootfs());
            json.writeStringField("baseName", record.baseName());
            json.writeStringField("baseDigest", record.baseDigest().toString());
            json.writeNumberField("revision", record.revision());
            json.writeNumberField("instanceSerial", record.instanceSerial());
            IdRange range = record.idRange();
            if (range != null) {
                json.writeObjectFieldStart("idRange");
                json.writeNumberField("first", range.first());
                json.writeNumberField("count", range.count());
                json.writeEndObject();
            }
            previous(json, record.previous());
            snapshots(json, record.snapshots());
            rollback(json, record.rollback());
            reruns(json, record.reruns());
            RecordCodec.optional(json, "compactedAt", record.compactedAt());
            RecordCodec.optional(json, "retainedAt", record.retainedAt());
            json.writeBooleanField("dataDeleted", record.dataDeleted());
            RecordCodec.optional(json, "namespace", record.namespace());
        });
    }

    private static void previous(JsonGenerator json, List<PreviousRevision> revisions) throws IOException {
        json.writeArrayFieldStart("previous");
        for (PreviousRevision previous : revisions) {
            json.writeStartObject();
            json.writeNumberField("revision", previous.revision());
            json.writeStringField("why", previous.why());
            json.writeStringField("driver", previous.driver());
            json.writeStringField("baseName", previous.baseName());
            json.writeStringField("baseDigest", previous.baseDigest().toString());
            json.writeStringField("since", previous.since().toString());
            json.writeStringField("keepUntil", previous.keepUntil().toString());
            reruns(json, previous.reruns());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void snapshots(JsonGenerator json, List<Snapshot> snapshots) throws IOException {
        if (snapshots.isEmpty()) {
            return;
        }
        json.writeArrayFieldStart("snapshots");
        for (Snapshot snapshot : snapshots) {
            json.writeStartObject();
            json.writeNumberField("revision", snapshot.revision());
            json.writeNumberField("of", snapshot.of());
            json.writeStringField("takenAt", snapshot.takenAt().toString());
            json.writeStringField("driver", snapshot.driver());
            json.writeStringField("baseName", snapshot.baseName());
            json.writeStringField("baseDigest", snapshot.baseDigest().toString());
            reruns(json, snapshot.reruns());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void rollback(JsonGenerator json, RollbackState rollback) throws IOException {
        if (rollback.isNone()) {
            return;
        }
        json.writeObjectFieldStart("rollback");
        json.writeNumberField("serial", rollback.answered());
        if (rollback.to() != 0) {
            json.writeNumberField("to", rollback.to());
        }
        RecordCodec.optional(json, "at", rollback.at());
        RecordCodec.optional(json, "held", rollback.held());
        RewriteSettings.Rollback refused = rollback.refused();
        if (refused != null) {
            json.writeObjectFieldStart("refused");
            json.writeNumberField("serial", refused.serial());
            json.writeNumberField("to", refused.to());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void reruns(JsonGenerator json, List<Rerun> reruns) throws IOException {
        if (reruns.isEmpty()) {
            return;
        }
        json.writeArrayFieldStart("reruns");
        for (Rerun rerun : reruns) {
            json.writeStartObject();
            json.writeArrayFieldStart("command");
            for (String word : rerun.command()) {
                json.writeString(word);
            }
            json.writeEndArray();
            json.writeStringField("why", rerun.why());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    static SliverRecord decode(JsonObject json) throws BadRecordException {
        try {
            JsonObject range = json.optionalObject("idRange");
            String baseName = json.text("baseName");
            SliverRecord record = new SliverRecord(
                    SliverId.parse(json.text("sliver")),
                    json.text("uid"),
                    json.number("generation"),
                    json.text("source"),
                    json.instant("createdAt"),
                    json.text("spec"),
                    json.text("driver"),
                    json.text("driverReason"),
                    json.text("store"),
                    json.text("rootfs"),
                    baseName,
                    Digest.parse(json.text("baseDigest")),
                    json.integer("revision"),
                    json.integer("instanceSerial"),
                    range == null ? null : new IdRange(range.integer("first"), range.integer("count")),
                    previous(json, baseName),
                    snapshots(json),
                    rollback(json.optionalObject("rollback")),
                    reruns(json),
                    json.optionalInstant("compactedAt"),
                    json.optionalInstant("retainedAt"),
                    json.flag("dataDeleted"),
                    json.optionalText("namespace"));
            if (range != null) {
                range.end("id range");
            }
            json.end("sliver's record");
            return record;
        } catch (IllegalArgumentException e) {
            throw new BadRecordException(String.valueOf(e.getMessage()));
        }
    }

    private static RollbackState rollback(@Nullable JsonObject json) throws BadRecordException {
        if (json == null) {
            return RollbackState.NONE;
        }
        JsonObject refused = json.optionalObject("refused");
        RollbackState rollback = new RollbackState(
                json.integer("serial"),
                json.has("to") ? json.integer("to") : 0,
                json.optionalInstant("at"),
                json.optionalText("held"),
                refused == null
                        ? null
                        : new RewriteSettings.Rollback(refused.integer("to"), refused.integer("serial")));
        if (refused != null) {
            refused.end("refused rollback");
        }
        json.end("rollback");
        return rollback;
    }

    private static List<PreviousRevision> previous(JsonObject json, String baseName) throws BadRecordException {
        List<PreviousRevision> previous = new ArrayList<>();
        for (JsonObject kept : json.objects("previous")) {
            int revision = kept.integer("revision");
            String why = kept.text("why");
            String driver = kept.text("driver");
            // Before slivers could move to another base, there was only one name.
            String name = kept.optionalText("baseName");
            previous.add(new PreviousRevision(
                    revision,
                    why,
                    driver,
                    name == null ? baseName : name,
                    Digest.parse(kept.text("baseDigest")),
                    kept.instant("since"),
                    kept.instant("keepUntil"),
                    reruns(kept)));
            kept.end("previous revision");
        }
        return previous;
    }

    private static List<Snapshot> snapshots(JsonObject json) throws BadRecordException {
        List<Snapshot> snapshots = new ArrayList<>();
        for (JsonObject taken : json.objects("snapshots")) {
            snapshots.add(new Snapshot(
                    taken.integer("revision"),
                    taken.integer("of"),
                    taken.instant("takenAt"),
                    taken.text("driver"),
                    taken.text("baseName"),
                    Digest.parse(taken.text("baseDigest")),
                    reruns(taken)));
            taken.end("snapshot");
        }
        return snapshots;
    }

    private static List<Rerun> reruns(JsonObject json) throws BadRecordException {
        List<Rerun> reruns = new ArrayList<>();
        for (JsonObject rerun : json.objects("reruns")) {
            reruns.add(new Rerun(rerun.texts("command"), rerun.text("why")));
            rerun.end("command to run");
        }
        return reruns;
    }
}
