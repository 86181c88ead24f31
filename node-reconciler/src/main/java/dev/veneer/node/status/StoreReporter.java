package dev.veneer.node.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.veneer.api.v1alpha1.NodeStoreStatus;
import dev.veneer.api.v1alpha1.StoredBaseImage;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.store.StatusStore;
import java.time.Duration;
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
    private @Nullable ObjectRef ref;
    private @Nullable NodeStoreStatus last;
    private long told = System.nanoTime() - APART.toNanos();

    StoreReporter(StatusStore statuses, ObjectMapper json) {
        this.statuses = statuses;
        this.json = json;
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
        ref = store;
    }

    /** An import goes on: told every few seconds, once there is a status at all. */
    synchronized void importing(DesiredBaseImage image, Duration elapsed, @Nullable Integer percent) {
        NodeStoreStatus before = last;
        ObjectRef store = ref;
        long now = System.nanoTime();
        if (before == null || store == null || elapsed.compareTo(SHORT) < 0 || now - told < APART.toNanos()) {
            return;
        }
        told = now;
        DeclaredIdentity identity = image.identity();
        String uid = identity == null ? null : identity.uid();
        StoredBaseImage row =
                new StoredBaseImage(image.name(), uid, null, StoredBaseImage.State.Importing, null, percent, null);
        NodeStoreStatus status = StoredImages.with(before, row);
        try {
            statuses.writeMeanwhile(store, text(status));
            last = status;
        } catch (NodeException e) {
            // What comes of it is told at the end of the pass.
            LOG.debug("that {} is being imported cannot be told", image.name(), e);
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
