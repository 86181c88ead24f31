package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.api.Finalizers;
import dev.veneer.node.desired.Fate;
import dev.veneer.node.model.ObjectRef;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agreement about a sliver's data between cluster and node: the agent's finalizer is on a Sliver before anything is made
 * for it, and comes off when the data of a deleted one are gone. A deletion counts only when the definition of Slivers is not
 * itself being deleted. Thread-safe.
 */
final class Handshake {
    private static final Logger LOG = LoggerFactory.getLogger(Handshake.class);

    /** The kind of definitions. */
    static final String DEFINITION = "CustomResourceDefinition";

    private final ApiServer server;
    private final RateLimit pace;

    /** Uids of objects whose deletion counts. */
    private final Set<String> ordered = ConcurrentHashMap.newKeySet();

    /** Uids of deleted objects that nothing lies here of any more. */
    private final Set<String> done = ConcurrentHashMap.newKeySet();

    /** @param pace how often it may ask or write */
    Handshake(ApiServer server, RateLimit pace) {
        this.server = server;
        this.pace = pace;
    }

    static boolean isDeleting(JsonNode sliver) {
        return sliver.path("metadata").hasNonNull("deletionTimestamp");
    }

    static boolean isOurs(JsonNode sliver) {
        for (JsonNode finalizer : sliver.path("metadata").path("finalizers")) {
            if (finalizer.asText().equals(Finalizers.NODE_DATA)) {
                return true;
            }
        }
        return false;
    }

    static String uid(JsonNode object) {
        return object.path("metadata").path("uid").asText();
    }

    static String version(JsonNode object) {
        return object.at("/metadata/resourceVersion").asText();
    }

    Fate fate(JsonNode sliver) {
        return !isDeleting(sliver) ? Fate.STAYS : isOrdered(sliver) ? Fate.GOES : Fate.LEAVES;
    }

    /** Whether the data of this sliver are to go. */
    boolean isOrdered(JsonNode sliver) {
        return isDeleting(sliver) && isOurs(sliver) && ordered.contains(uid(sliver));
    }

    /** The data of a deleted sliver are gone, or were never here. */
    void done(String uid) {
        done.add(uid);
    }

    /** Whether that was said. */
    boolean isDone(JsonNode sliver) {
        return done.contains(uid(sliver));
    }

    /** An object is gone: nothing about it needs to be known any more. */
    void forget(JsonNode sliver) {
        ordered.remove(uid(sliver));
        done.remove(uid(sliver));
    }

    /**
     * Does the next step.
     *
     * @return whether a deletion counts now that did not before, so that a pass is needed
     */
    boolean step(ObjectRef ref, JsonNode sliver) throws ClusterException, InterruptedException {
        if (!isDeleting(sliver)) {
            if (!isOurs(sliver)) {
                put(ref, sliver);
            }
            return false;
        }
        if (!isOurs(sliver)) {
            return false;
        }
        String uid = uid(sliver);
        if (done.contains(uid)) {
            takeOff(ref, sliver);
            return false;
        }
        return !ordered.contains(uid) && isMeant(ref, sliver) && ordered.add(uid);
    }

    /** Whether the object itself was deleted, and not all of its kind with their definition. */
    private boolean isMeant(ObjectRef ref, JsonNode sliver) throws ClusterException, InterruptedException {
        pace.await();
        Answer answer = server.metadata(Resource.SLIVER.definition(), DEFINITION);
        if (answer.isNotFound()) {
            return false;
        }
        if (!answer.isGood()) {
            throw failure("whether the definition of Slivers is there cannot be asked", answer);
        }
        if (!answer.body().path("metadata").hasNonNull("deletionTimestamp")) {
            return true;
        }
        LOG.warn("the definition of Slivers is being deleted: {} is let go of, its data stay", ref);
        takeOff(ref, sliver);
        return false;
    }

    private void put(ObjectRef ref, JsonNode sliver) throws ClusterException, InterruptedException {
        ObjectNode object = identified(sliver);
        ((ObjectNode) object.get("metadata")).putArray("finalizers").add(Finalizers.NODE_DATA);
        pace.await();
        Answer answer = server.apply(Resource.path(ref), object);
        // A conflict: deleted meanwhile, or another object of its name. The watch tells; if it does not, it is tried
        // again.
        if (!answer.isGood() && !answer.isNotFound()) {
            throw failure("the finalizer cannot be put on " + ref, answer);
        }
    }

    /** Others' finalizers stay; a change of theirs at the same moment is a conflict, after which the watch has told of it. */
    private void takeOff(ObjectRef ref, JsonNode sliver) throws ClusterException, InterruptedException {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        ObjectNode metadata = patch.putObject("metadata");
        metadata.put("uid", uid(sliver));
        metadata.put("resourceVersion", version(sliver));
        ArrayNode left = metadata.putArray("finalizers");
        for (JsonNode finalizer : sliver.path("metadata").path("finalizers")) {
            if (!finalizer.asText().equals(Finalizers.NODE_DATA)) {
                left.add(finalizer);
            }
        }
        pace.await();
        Answer answer = server.merge(Resource.path(ref), patch);
        if (!answer.isGood() && !answer.isNotFound()) {
            throw failure("the finalizer cannot be taken off " + ref, answer);
        }
    }

    /** The beginning of an object to apply: it can only ever be applied to this very one. */
    static ObjectNode identified(JsonNode object) {
        ObjectNode identified = JsonNodeFactory.instance.objectNode();
        identified.set("apiVersion", object.get("apiVersion"));
        identified.set("kind", object.get("kind"));
        ObjectNode metadata = identified.putObject("metadata");
        metadata.set("name", object.at("/metadata/name"));
        metadata.set("uid", object.at("/metadata/uid"));
        if (object.path("metadata").hasNonNull("namespace")) {
            metadata.set("namespace", object.at("/metadata/namespace"));
        }
        return identified;
    }

    private static ClusterException failure(String what, Answer answer) {
        if (answer.status() != 409) {
            LOG.warn("{}: {}", what, answer.words());
        }
        return new ClusterException(what, answer);
    }
}
