package dev.veneer.node.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.api.Conditions;
import dev.veneer.api.v1alpha1.BaseImageStatus;
import dev.veneer.api.v1alpha1.Condition;
import dev.veneer.api.v1alpha1.HistoryEntry;
import dev.veneer.api.v1alpha1.SliverStatus;
import dev.veneer.node.cli.Kind;
import dev.veneer.node.cli.ObjectReader;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ActualImage;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.status.ImageStatusComputer;
import dev.veneer.node.status.Situation;
import dev.veneer.node.status.SliverStatusComputer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The objects with their status, as {@code get} and {@code describe} show them. Looks at the live system, so it tells
 * the truth also when no agent runs; what only the last pass could know (a wrong declaration, a failed start) is taken
 * from the status that it left.
 */
public final class Objects implements ObjectReader {
    private static final String API_VERSION = "veneer.dev/v1alpha1";

    /** Reasons that are about the declaration, which a look at the node cannot find out again. */
    private static final Set<String> DECLARED =
            Set.of("InvalidSpec", "UnsupportedField", "Immutable", "NotAllowed", "OtherSource", "Suspended", "Expired");

    @Override
    public List<ObjectNode> list(StoreOptions store, Kind kind) throws NodeException {
        try (NodeParts node = NodeParts.openReadOnly(store.directory())) {
            LiveView live = LiveView.look(node);
            List<ObjectNode> objects = new ArrayList<>();
            switch (kind) {
                case SLIVER -> {
                    for (ActualSliver sliver : live.actual().slivers().values()) {
                        objects.add(sliver(sliver, node, live));
                    }
                    for (String json : node.store().statuses().absent()) {
                        objects.add(parse(json));
                    }
                    objects.sort(Comparator.comparing((ObjectNode o) ->
                                    o.at("/metadata/namespace").asText())
                            .thenComparing(o -> o.at("/metadata/name").asText()));
                }
                case BASE_IMAGE -> {
                    for (String name : live.imageNames()) {
                        objects.add(image(name, node, live));
                    }
                }
                case NODE_STORE -> objects.add(StoreObject.of(node, live));
            }
            return objects;
        }
    }

    @Override
    public List<Event> events(StoreOptions store, Kind kind, String namespace, String name) throws NodeException {
        if (kind != Kind.SLIVER) {
            return List.of();
        }
        try (NodeParts node = NodeParts.openReadOnly(store.directory())) {
            SliverStatus status = read(node, ObjectRef.of(new SliverId(namespace, name)), SliverStatus.class);
            List<Event> events = new ArrayList<>();
            if (status != null) {
                for (HistoryEntry entry : status.history()) {
                    events.add(
                            0,
                            new Event(
                                    Instant.parse(entry.time()),
                                    Instant.parse(entry.firstTime() == null ? entry.time() : entry.firstTime()),
                                    entry.count() == null ? 1 : entry.count(),
                                    entry.what().endsWith("Failed"),
                                    entry.what(),
                                    entry.message()));
                }
            }
            return events;
        }
    }

    private static ObjectNode sliver(ActualSliver actual, NodeParts node, LiveView live) throws NodeException {
        SliverRecord record = actual.record();
        ObjectRef ref = ObjectRef.of(record.id());
        SliverStatus written = read(node, ref, SliverStatus.class);
        ActualImage image = live.actual().images().get(record.baseName());
        Digest digest = image == null ? null : image.record().digest();
        Situation situation = live.situation(ref);
        SliverStatus status = SliverStatusComputer.compute(
                written,
                actual,
                situation,
                digest,
                written == null || written.usage() == null ? live.measure(node, record) : written.usage(),
                node.store().layout().root(),
                live.now());
        List<Condition> before = written == null ? List.of() : written.conditions();
        List<Condition> conditions = withSource(before, choose(before, status.conditions(), situation));
        ObjectNode json = tree(status);
        json.set("conditions", AgentSocket.JSON.valueToTree(conditions));
        ObjectNode object = object(Kind.SLIVER, record.id().name());
        ObjectNode metadata = (ObjectNode) object.get("metadata");
        metadata.put("namespace", record.id().namespace());
        identity(metadata, record.uid(), record.generation(), record.createdAt());
        object.set("spec", parse(record.canonicalSpec()));
        object.set("status", json);
        return object;
    }

    private static ObjectNode image(String name, NodeParts node, LiveView live) throws NodeException {
        ObjectRef ref = ObjectRef.image(name);
        ActualImage actual = live.actual().images().get(name);
        BaseImageStatus written = read(node, ref, BaseImageStatus.class);
        ImageRecord record = actual == null ? null : actual.record();
        Digest digest = record == null ? null : record.digest();
        BaseRecord base = digest == null ? null : live.actual().bases().get(digest);
        Situation situation = live.situation(ref);
        ObjectNode object = object(Kind.BASE_IMAGE, name);
        if (record == null) {
            object.set("status", written == null ? AgentSocket.JSON.createObjectNode() : tree(written));
            return object;
        }
        BaseImageStatus status =
                ImageStatusComputer.compute(written, actual, base, users(written, digest, live), situation, live.now());
        List<Condition> conditions =
                choose(written == null ? List.of() : written.conditions(), status.conditions(), situation);
        ObjectNode json = tree(status);
        json.set("conditions", AgentSocket.JSON.valueToTree(conditions));
        identity((ObjectNode) object.get("metadata"), record.uid(), record.generation(), record.createdAt());
        object.set("spec", parse(record.canonicalSpec()));
        object.set("status", json);
        return object;
    }

    /** The live conditions, unless the written ones know a cause that a look at the node cannot find. */
    private static List<Condition> choose(List<Condition> written, List<Condition> live, Situation situation) {
        Optional<Condition> ready =
                written.stream().filter(c -> c.type().equals(Conditions.READY)).findFirst();
        if (ready.isEmpty() || ready.get().status() == Condition.Status.True) {
            return live;
        }
        boolean fine = situation.findings().isEmpty() && situation.pending().isEmpty();
        return !fine || DECLARED.contains(ready.get().reason()) ? written : live;
    }

    /** What the last pass found of the source, which a look at the node cannot. */
    private static List<Condition> withSource(List<Condition> written, List<Condition> live) {
        List<Condition> conditions = new ArrayList<>(live);
        for (Condition source : written) {
            if (source.type().equals(Conditions.DESIRED_STATE_FRESH)) {
                conditions.replaceAll(condition -> condition.type().equals(source.type()) ? source : condition);
            }
        }
        return conditions;
    }

    /** Who uses an image that the last pass found no longer declared. */
    private static List<SliverId> users(@Nullable BaseImageStatus written, @Nullable Digest digest, LiveView live) {
        if (written == null || written.blockedBy() == null || digest == null) {
            return List.of();
        }
        return live.actual().slivers().values().stream()
                .map(ActualSliver::record)
                .filter(record -> record.baseDigest().equals(digest))
                .map(SliverRecord::id)
                .toList();
    }

    static ObjectNode object(Kind kind, String name) {
        ObjectNode object = AgentSocket.JSON.createObjectNode();
        object.put("apiVersion", API_VERSION);
        object.put("kind", kind.kind());
        object.putObject("metadata").put("name", name);
        return object;
    }

    static void identity(ObjectNode metadata, String uid, long generation, Instant createdAt) {
        metadata.put("uid", uid);
        metadata.put("generation", generation);
        metadata.put(
                "creationTimestamp", createdAt.truncatedTo(ChronoUnit.SECONDS).toString());
    }

    static void identity(ObjectNode metadata, NodeStoreRecord record) {
        identity(metadata, record.uid(), record.generation(), record.createdAt());
    }

    static ObjectNode tree(Object value) {
        JsonNode node = AgentSocket.JSON.valueToTree(value);
        return node instanceof ObjectNode object ? object : AgentSocket.JSON.createObjectNode();
    }

    static ObjectNode parse(String json) {
        try {
            return AgentSocket.JSON.readTree(json) instanceof ObjectNode object
                    ? object
                    : AgentSocket.JSON.createObjectNode();
        } catch (JsonProcessingException e) {
            // Records are checked when they are read; a status file that is cut short has nothing to show.
            return AgentSocket.JSON.createObjectNode();
        }
    }

    private static <T> @Nullable T read(NodeParts node, ObjectRef ref, Class<T> type) throws NodeException {
        Optional<String> text = node.store().statuses().read(ref);
        if (text.isEmpty()) {
            return null;
        }
        try {
            return AgentSocket.JSON
                    .readerFor(type)
                    .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .readValue(text.get());
        } catch (JsonProcessingException e) {
            // Computed anew by the next pass; until then the live look has to do.
            return null;
        }
    }
}
