package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.node.desired.ClusterReader;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.NamespaceTrust;
import dev.veneer.node.model.ObjectRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was known of a cluster before the agent was started.
 *
 * @param objects what it declared last
 * @param trust which namespaces are trusted, by their names
 * @param namespaces uids of the namespaces of slivers, by those of the slivers
 * @param made uids of the slivers that were made here
 * @param heard when it was heard of last, or null
 */
record Remembered(
        List<JsonNode> objects,
        Map<String, NamespaceTrust> trust,
        Map<String, String> namespaces,
        Set<String> made,
        @Nullable Instant heard) {

    /** From texts, as {@link KeptObjects} gave them. */
    static Remembered of(Map<ObjectRef, String> texts, @Nullable Instant heard) {
        Remembered all = new Remembered(new ArrayList<>(), new HashMap<>(), new HashMap<>(), new HashSet<>(), heard);
        KeptObjects.read(texts).forEach(all::add);
        return all;
    }

    private void add(ClusterReader.Served served) {
        objects.add(served.json());
        ObjectRef ref = ClusterReader.ref(served.json());
        DeclaredIdentity identity = served.identity();
        if (ref.kind() != ObjectRef.Kind.Sliver) {
            return;
        }
        if (identity.trust() != NamespaceTrust.UNKNOWN) {
            trust.put(ClusterSource.id(ref).namespace(), identity.trust());
        }
        if (identity.namespace() != null) {
            namespaces.put(identity.uid(), identity.namespace());
        }
        if (identity.made()) {
            made.add(identity.uid());
        }
    }
}
