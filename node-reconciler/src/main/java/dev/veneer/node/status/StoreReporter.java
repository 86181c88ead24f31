package dev.veneer.node.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.veneer.api.v1alpha1.NodeStoreStatus;
import dev.veneer.api.v1alpha1.StoredBaseImage;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.store.StatusStore;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The status of the NodeStore: after each pass, and while imports go on, which are the one thing in a pass that takes minutes.
 * Thread-safe.
 */
final class StoreReporter {
    private static final Logger LOG = LoggerFactory.getLogger(StoreReporter.class);

    /** An import that is done before is not worth a word. */
    private static final Duration SHORT = Duration.ofSeconds(2);

    private static final Duration APART = Duration.ofSeconds(10);

    private final StatusStore statuses;
    private final ObjectMapper json;
    private final LongSupplier nanoTime;
    private @Nullable NodeStoreStatus last;

    /** What is so while imports go on; null when none do. */
    private @Nullable Meanwhile meanwhile;

    /** What was so before imports began, and what is said of each of them since. */
    private record Meanwhile(ObjectRef store, NodeStoreStatus before, Map<String, Told> told) {
        NodeStoreStatus now() {
            NodeStoreStatus status = before;
            for (Told each : told.values()) {
                status = StoredImages.with(status, each.row());
            }
            return status;
        }
    }

    /** What was said of an import, and when. */
    private record Told(StoredBaseImage row, long nanos) {}

    StoreReporter(StatusStore statuses, ObjectMapper json, LongSupplier nanoTime) {
        this.statuses = statuses;
        this.json = json;
        this.nanoTime = nanoTime;
    }

    /** What was written last; null when nothing was. */
    synchronized @Nullable NodeStoreStatus last() {
        return last;
    }

    /** Writes what is so now, if it is another than before. */
    synchronized void write(ObjectRef store, NodeStoreStatus status) throws NodeException {
        if (!status.equals(last)) {
            statuses.write(store, text(status));
            last = status;
        }
        meanwhile = null;
    }

    /** Whether something was told of imports in this pass. */
    synchronized boolean tells() {
        return meanwhile != null && !meanwhile.told().isEmpty();
    }

    /** Imports may be about to begin, before which this is so; what was told of others before is over. */
    synchronized void begins(ObjectRef store, NodeStoreStatus before) {
        if (tells()) {
            tell(store, before);
        }
        meanwhile = new Meanwhile(store, before, new TreeMap<>());
    }

    /** An import goes on: told of each every few seconds. */
    synchronized void importing(DesiredBaseImage image, Duration elapsed, @Nullable Integer percent) {
        Meanwhile now = meanwhile;
        if (now == null || elapsed.compareTo(SHORT) < 0) {
            return;
        }
        long nanos = nanoTime.getAsLong();
        Told before = now.told().get(image.name());
        if (before != null && nanos - before.nanos() < APART.toNanos()) {
            return;
        }
        now.told().put(image.name(), new Told(StoredImages.importing(now.before(), image, percent), nanos));
        tell(now.store(), now.now());
    }

    /** The pass is over, and has said nothing: what was told of imports would else stay, though they do not go on. */
    synchronized void ended() {
        Meanwhile now = meanwhile;
        meanwhile = null;
        if (now != null && !now.told().isEmpty()) {
            tell(now.store(), now.before());
        }
    }

    private void tell(ObjectRef store, NodeStoreStatus status) {
        try {
            statuses.writeMeanwhile(store, text(status));
            last = status;
        } catch (NodeException e) {
            // What comes of it is told at the end of a pass.
            LOG.debug("that base images are being imported cannot be told", e);
        }
    }

    private String text(NodeStoreStatus status) {
        try {
            return json.writeValueAsString(status);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a status is plain data", e);
        }
    }
}
