package dev.veneer.node.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.plan.PlanInput;
import dev.veneer.node.store.StatusStore;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Tells of slivers that are declared and not there, with why. For one thread at a time. */
final class AbsentReporter {
    private final StatusStore statuses;
    private final ObjectMapper json;
    private final Map<SliverId, Situation> before = new HashMap<>();

    AbsentReporter(StatusStore statuses, ObjectMapper json) {
        this.statuses = statuses;
        this.json = json;
    }

    /**
     * Tells of them after a pass, and forgets those that are not among them any more.
     *
     * @param open slivers of which something may be another than after the pass before
     * @param situations how objects stand; those that are not among them stand well
     */
    void report(PlanInput input, Set<SliverId> open, Map<ObjectRef, Situation> situations) throws NodeException {
        Set<SliverId> missing = new TreeSet<>();
        Set<SliverId> perhaps = new TreeSet<>(before.keySet());
        perhaps.addAll(open);
        for (SliverId id : perhaps) {
            DesiredSliver sliver = input.desired().slivers().get(id);
            if (sliver == null || input.actual().slivers().containsKey(id)) {
                continue;
            }
            missing.add(sliver.id());
            Situation situation = situations.getOrDefault(ObjectRef.of(sliver.id()), Situation.QUIET);
            if (situation.withoutResults().equals(before.put(sliver.id(), situation.withoutResults()))) {
                continue;
            }
            write(sliver.id(), tree(sliver.canonicalSpec()), situation, input);
        }
        for (Map.Entry<ObjectRef, Situation> each : situations.entrySet()) {
            ObjectRef ref = each.getKey();
            Situation situation = each.getValue().withoutResults();
            if (ref.kind() != ObjectRef.Kind.Sliver || situation.broken() == null || !isSliver(ref)) {
                continue;
            }
            SliverId id = SliverId.parse(ref.name());
            if (input.actual().slivers().containsKey(id) || !missing.add(id)) {
                continue;
            }
            // Refused before it ever existed: there is no version of it that could be shown.
            if (!situation.equals(before.put(id, situation))) {
                write(id, json.createObjectNode(), situation, input);
            }
        }
        before.keySet().retainAll(missing);
        statuses.retainAbsent(missing);
    }

    private void write(SliverId id, JsonNode spec, Situation situation, PlanInput input) throws NodeException {
        ObjectNode object = json.createObjectNode();
        object.put("apiVersion", "veneer.dev/v1alpha1").put("kind", "Sliver");
        object.putObject("metadata")
                .put("name", id.name())
                .put("namespace", id.namespace())
                .put(
                        "creationTimestamp",
                        input.now().truncatedTo(ChronoUnit.SECONDS).toString());
        object.set("spec", spec);
        object.set("status", json.valueToTree(SliverStatusComputer.absent(null, situation, input.now())));
        statuses.writeAbsent(id, object.toString());
    }

    /** A wrong declaration may have a name that no sliver can have; it is told by the command that read it. */
    static boolean isSliver(ObjectRef ref) {
        try {
            SliverId.parse(ref.name());
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private JsonNode tree(String text) {
        try {
            return json.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a canonical spec is JSON", e);
        }
    }
}
