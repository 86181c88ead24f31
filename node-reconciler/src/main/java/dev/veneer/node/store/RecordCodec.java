package dev.veneer.node.store;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.SourceRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The stored form of records: one JSON object each, UTF-8, ended by a line feed. */
final class RecordCodec {
    /** Fills one JSON object. */
    interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    private RecordCodec() {}

    static byte[] bytes(Fields fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
        try (JsonGenerator json = JsonObject.FACTORY.createGenerator(out)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
            json.writeRaw('\n');
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return out.toByteArray();
    }

    static byte[] encode(SliverRecord record) {
        return SliverRecordCodec.encode(record);
    }

    static SliverRecord sliver(JsonObject json) throws BadRecordException {
        return SliverRecordCodec.decode(json);
    }

    static byte[] encode(ImageRecord record) {
        return bytes(json -> {
            json.writeStringField("baseImage", record.name());
            json.writeStringField("uid", record.uid());
            json.writeNumberField("generation", record.generation());
            json.writeStringField("source", record.sourceId());
            json.writeStringField("createdAt", record.createdAt().toString());
            json.writeStringField("spec", record.canonicalSpec());
            optional(json, "digest", record.digest());
        });
    }

    static ImageRecord image(JsonObject json) throws BadRecordException {
        try {
            String digest = json.optionalText("digest");
            ImageRecord record = new ImageRecord(
                    json.text("baseImage"),
                    json.text("uid"),
                    json.number("generation"),
                    json.text("source"),
                    json.instant("createdAt"),
                    json.text("spec"),
                    digest == null ? null : Digest.parse(digest));
            json.end("base image's record");
            return record;
        } catch (IllegalArgumentException e) {
            throw new BadRecordException(String.valueOf(e.getMessage()));
        }
    }

    /** The forms are not written: what lies beside the record tells them. */
    static byte[] encode(BaseRecord record) {
        return bytes(json -> {
            json.writeStringField("base", record.digest().toString());
            json.writeNumberField("bytes", record.bytes());
            json.writeNumberField("files", record.files());
            json.writeStringField("importedAt", record.importedAt().toString());
            optional(json, "unreferencedSince", record.unreferencedSince());
            json.writeStringField("keepUnreferenced", record.keepUnreferenced().toString());
        });
    }

    static BaseRecord base(JsonObject json, Set<BaseForm> forms) throws BadRecordException {
        try {
            BaseRecord record = new BaseRecord(
                    Digest.parse(json.text("base")),
                    json.number("bytes"),
                    json.number("files"),
                    json.instant("importedAt"),
                    forms,
                    json.optionalInstant("unreferencedSince"),
                    json.duration("keepUnreferenced"));
            json.end("base's record");
            return record;
        } catch (IllegalArgumentException e) {
            throw new BadRecordException(String.valueOf(e.getMessage()));
        }
    }

    static byte[] encode(SourceRecord record) {
        return bytes(json -> {
            json.writeStringField("source", record.id());
            json.writeStringField("identity", record.identity());
            json.writeStringField("firstSeen", record.firstSeen().toString());
            if (!record.removals().isEmpty()) {
                json.writeArrayFieldStart("removals");
                for (ObjectRef removal : record.removals()) {
                    json.writeStartObject();
                    json.writeStringField("kind", removal.kind().name());
                    json.writeStringField("name", removal.name());
                    json.writeEndObject();
                }
                json.writeEndArray();
            }
        });
    }

    static SourceRecord source(JsonObject json) throws BadRecordException {
        Set<ObjectRef> removals = new TreeSet<>();
        try {
            for (JsonObject removal : json.objects("removals")) {
                removals.add(new ObjectRef(ObjectRef.Kind.valueOf(removal.text("kind")), removal.text("name")));
                removal.end("removal");
            }
        } catch (IllegalArgumentException e) {
            throw new BadRecordException(String.valueOf(e.getMessage()));
        }
        SourceRecord record =
                new SourceRecord(json.text("source"), json.text("identity"), json.instant("firstSeen"), removals);
        json.end("source's record");
        return record;
    }

    static byte[] encode(NodeStoreRecord record) {
        return bytes(json -> {
            json.writeStringField("nodeStore", record.name());
            json.writeStringField("uid", record.uid());
            json.writeNumberField("generation", record.generation());
            json.writeStringField("createdAt", record.createdAt().toString());
            json.writeStringField("source", record.sourceId());
            json.writeStringField("spec", record.canonicalSpec());
        });
    }

    static NodeStoreRecord nodeStore(JsonObject json) throws BadRecordException {
        NodeStoreRecord record = new NodeStoreRecord(
                json.text("nodeStore"),
                json.text("uid"),
                json.number("generation"),
                json.instant("createdAt"),
                json.text("source"),
                json.text("spec"));
        json.end("node store's record");
        return record;
    }

    static void optional(JsonGenerator json, String name, @Nullable Object value) throws IOException {
        if (value != null) {
            json.writeStringField(name, value.toString());
        }
    }
}
