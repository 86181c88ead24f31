package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.model.NamespaceTrust;
import dev.veneer.node.model.ObjectRef;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done about one object of the cluster after the other: its finalizer, and its status when there is somebody who hears it
 * and believes it.
 */
final class Telling {
    private static final Logger LOG = LoggerFactory.getLogger(Telling.class);

    private static final Duration UNTIL_READ = Duration.ofSeconds(1);
    private static final Duration UNTIL_PASSED = Duration.ofSeconds(5);

    private final StoreClaim claim;
    private final Handshake handshake;
    private final Heartbeat heart;
    private final StatusBook book;
    private final StatusWriter statuses;
    private final Supplier<@Nullable ClusterView> view;
    private final Runnable moved;
    private @Nullable String told;

    /** Whether something was not told, since nobody would have heard it, or believed it. */
    private final AtomicBoolean owes = new AtomicBoolean();

    /**
     * @param view the cluster, or null as long as nothing of it is read
     * @param moved told when there is something new to be read
     */
    Telling(
            StoreClaim claim,
            Handshake handshake,
            Heartbeat heart,
            StatusBook book,
            StatusWriter statuses,
            Supplier<@Nullable ClusterView> view,
            Runnable moved) {
        this.claim = claim;
        this.handshake = handshake;
        this.heart = heart;
        this.book = book;
        this.statuses = statuses;
        this.view = view;
        this.moved = moved;
    }

    /**
     * Looks what is to be done about an object. By any thread, but not by two for one object.
     *
     * @return after what time it is to be looked at again, or null
     */
    @Nullable
    Duration look(ObjectRef ref) throws ClusterException, InterruptedException {
        ClusterView now = view.get();
        if (now == null) {
            return Duration.ofMillis(100);
        }
        JsonNode object = now.of(ref).get(ref);
        if (object == null || ref.kind() == ObjectRef.Kind.BaseImage) {
            return null;
        }
        if (now.source().isAway()) {
            owes.set(true);
            return null;
        }
        if (!now.of(ref).hasSynced()) {
            // It may be what was known before the agent was started.
            return UNTIL_READ;
        }
        if (ref.kind() == ObjectRef.Kind.Sliver) {
            Duration pause = now.namespaces().pause(object);
            if (!pause.isZero()) {
                return pause;
            }
            if (now.namespaces().ask(object, now.slivers().all()) && Handshake.isOurs(object)) {
                moved.run();
            }
            if (handshake.step(ref, object)) {
                moved.run();
            }
        }
        // A pass may have been made meanwhile, of what the step made of it.
        object = now.of(ref).get(ref);
        if (object == null) {
            return null;
        }
        if (handshake.isDone(object)) {
            // What lies under its name is another's, whose status is not this one's.
            return null;
        }
        if (isQuiet(now)) {
            owes.set(true);
            if (!now.source().isAway()) {
                tellTrouble(now);
            }
            return null;
        }
        ObjectNode wanted = book.of(ref, object);
        boolean over = now.source().isSettling() || now.source().trouble() == null;
        if (wanted != null && StatusBook.isHeld(wanted) && over) {
            // What is not so any more is not told: a pass is about to say otherwise.
            return UNTIL_PASSED;
        }
        if (wanted != null) {
            complete(ref, object, wanted);
        }
        Duration next = wanted == null ? null : statuses.write(ref, object, wanted);
        String namespace =
                ref.kind() == ObjectRef.Kind.Sliver ? ClusterSource.id(ref).namespace() : "";
        boolean asks = Namespaces.matter(object)
                && !namespace.isEmpty()
                && now.trust().of(namespace) == NamespaceTrust.UNKNOWN;
        return asks && !now.trust().ask(namespace) ? UNTIL_PASSED : next;
    }

    /** Adds what only the cluster knows. */
    private void complete(ObjectRef ref, JsonNode object, ObjectNode wanted) {
        if (ref.kind() == ObjectRef.Kind.NodeStore) {
            wanted.put(StoreClaim.STORE_ID, claim.idFor(object));
        } else if (!wanted.has("driver")) {
            // It is not here; that it was made here, and where, is not forgotten.
            for (String field : List.of("revision", "store")) {
                JsonNode known = object.path("status").get(field);
                if (known != null) {
                    wanted.set(field, known);
                }
            }
        }
    }

    /** Says in the log when the cluster cannot be read, and when it can be again. By any thread. */
    synchronized void tellTrouble(ClusterView now) {
        String trouble = now.source().trouble();
        if (trouble == null ? told != null : !trouble.equals(told)) {
            if (trouble == null) {
                LOG.info("the cluster answers again");
            } else {
                LOG.warn("{}", trouble);
            }
            told = trouble;
            moved.run();
        }
    }

    /**
     * Whether nothing is told now. While the API server is away nobody hears it, and that it is away is nobody's business when
     * it is back; and one whose Lease has expired is taken for lost, so that whatever it says would only be contradicted.
     */
    private boolean isQuiet(ClusterView now) {
        return now.source().isAway() || now.source().isReadAway() || !heart.counts();
    }

    /** Has that told again which was not told, once that is of use. By the thread that beats, or that reads the source. */
    void settle(ClusterView now, Consumer<ObjectRef> again) {
        if (now.source().isReadAway() && !now.source().isAway()) {
            moved.run();
        } else if (!isQuiet(now) && owes.getAndSet(false)) {
            now.slivers().refs().forEach(again);
            now.stores().refs().forEach(again);
        }
    }

    /** Forgets an object that is gone. */
    void forget(ObjectRef ref) {
        statuses.forget(ref);
    }
}
