package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.desired.ClusterReader;
import dev.veneer.node.desired.Fate;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.NamespaceTrust;
import dev.veneer.node.model.ObjectRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Objects of a cluster as texts that the store keeps, and back. A text has what a reading is made of, with fields that this
 * agent does not know, and nothing that changes without a reason to do something. For one thread at a time.
 */
final class KeptObjects {
    private static final Logger LOG = LoggerFactory.getLogger(KeptObjects.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> METADATA =
            List.of("name", "namespace", "uid", "generation", "deletionTimestamp", "finalizers", "labels");
    private static final String OURS = "veneer.dev/";
    private static final String TRUST = "trust";
    private static final String NAMESPACE = "namespaceUid";
    private static final String MADE = "made";

    /** What is kept of a status, for readings are made of it. */
    private static final List<String> STATUS = List.of("digest", StoreClaim.STORE_ID);

    private Map<ObjectRef, Text> texts = new HashMap<>();
    private Map<ObjectRef, String> last = Map.of();

    /** A text with what it is of. */
    private record Text(ClusterReader.Served served, String text) {
        @SuppressWarnings("ReferenceEquality") // what is served is never changed, but replaced
        boolean isOf(ClusterReader.Served now) {
            return served.json() == now.json() && served.identity().equals(now.identity());
        }
    }

    /** The texts of what was served; the very same map when they are the same as the last time. */
    Map<ObjectRef, String> of(List<ClusterReader.Served> served) {
        Map<ObjectRef, Text> now = new HashMap<>();
        Map<ObjectRef, String> all = new TreeMap<>();
        for (ClusterReader.Served each : served) {
            ObjectRef ref = ClusterReader.ref(each.json());
            Text before = texts.get(ref);
            Text text = before != null && before.isOf(each) ? before : new Text(each, text(each));
            now.put(ref, text);
            all.put(ref, text.text());
        }
        texts = now;
        if (!all.equals(last)) {
            last = all;
        }
        return last;
    }

    private static String text(ClusterReader.Served served) {
        JsonNode object = served.json();
        ObjectNode kept = JsonNodeFactory.instance.objectNode();
        kept.set("apiVersion", object.get("apiVersion"));
        kept.set("kind", object.get("kind"));
        ObjectNode metadata = kept.putObject("metadata");
        for (String field : METADATA) {
            if (object.path("metadata").hasNonNull(field)) {
                metadata.set(field, object.path("metadata").get(field));
            }
        }
        for (Map.Entry<String, JsonNode> each :
                object.path("metadata").path("annotations").properties()) {
            if (each.getKey().startsWith(OURS)) {
                metadata.withObject("/annotations").set(each.getKey(), each.getValue());
            }
        }
        if (object.has("spec")) {
            kept.set("spec", object.get("spec"));
        }
        for (String field : STATUS) {
            if (object.path("status").path(field).isTextual()) {
                kept.withObject("/status").set(field, object.path("status").get(field));
            }
        }
        DeclaredIdentity identity = served.identity();
        kept.put(TRUST, identity.trust().name());
        if (identity.namespace() != null) {
            kept.put(NAMESPACE, identity.namespace());
        }
        if (identity.made()) {
            kept.put(MADE, true);
        }
        return kept.toString();
    }

    /** What texts say. One that is none of ours is left out, and told. */
    static List<ClusterReader.Served> read(Map<ObjectRef, String> texts) {
        List<ClusterReader.Served> objects = new ArrayList<>();
        texts.forEach((ref, text) -> {
            try {
                if (JSON.readTree(text) instanceof ObjectNode object
                        && ClusterReader.ref(object).equals(ref)) {
                    NamespaceTrust trust = trust(object.remove(TRUST));
                    JsonNode namespace = object.remove(NAMESPACE);
                    JsonNode made = object.remove(MADE);
                    objects.add(new ClusterReader.Served(
                            object,
                            Fate.STAYS,
                            identity(
                                    object,
                                    made != null && made.asBoolean(),
                                    namespace == null ? "" : namespace.asText(),
                                    trust)));
                    return;
                }
                LOG.warn("what the store keeps of {} is left out: it is another object", ref);
            } catch (JsonProcessingException e) {
                LOG.warn("what the store keeps of {} is left out: {}", ref, e.getOriginalMessage());
            } catch (IllegalArgumentException e) {
                LOG.warn("what the store keeps of {} is left out: {}", ref, e.getMessage());
            }
        });
        return objects;
    }

    private static DeclaredIdentity identity(ObjectNode object, boolean made, String namespace, NamespaceTrust trust) {
        DeclaredIdentity bare = ClusterReader.identity(object);
        return new DeclaredIdentity(
                bare.uid(), bare.generation(), bare.adoption(), made, namespace.isEmpty() ? null : namespace, trust);
    }

    private static NamespaceTrust trust(@Nullable JsonNode kept) {
        for (NamespaceTrust trust : NamespaceTrust.values()) {
            if (kept != null && trust.name().equals(kept.asText())) {
                return trust;
            }
        }
        return NamespaceTrust.UNKNOWN;
    }
}
