package dev.veneer.node.app;

import dev.veneer.node.desired.DesiredStateSource;
import dev.veneer.node.desired.LastKnown;
import dev.veneer.node.desired.Node;
import dev.veneer.node.desired.Permissions;
import dev.veneer.node.desired.Reading;
import dev.veneer.node.desired.SourceRules;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.loop.DesiredInput;
import dev.veneer.node.model.ActualImage;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SourceRecord;
import dev.veneer.node.model.Unchanged;
import dev.veneer.node.store.Batch;
import dev.veneer.node.store.Store;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A source of desired state, with what it may do and the node that it is read for. */
final class FileInput implements DesiredInput {
    private static final Logger LOG = LoggerFactory.getLogger(FileInput.class);

    private final DesiredStateSource source;
    private final Node node;
    private final Permissions permissions;
    private @Nullable Decided last;

    /** Whether a declared path leads to the store is asked of the file system, where nothing tells of a change. */
    private static final long LONGEST = TimeUnit.MINUTES.toNanos(1);

    /** A decision with what it was made from, and when by {@link System#nanoTime}. */
    private record Decided(
            Reading reading,
            Map<SliverId, ActualSliver> slivers,
            Map<String, ActualImage> images,
            @Nullable NodeStoreRecord store,
            Set<ObjectRef> removals,
            DesiredState desired,
            long nanos) {
        /** Whether it would be made again; what has not changed since is the very same object. */
        boolean holds(Reading now, ActualState known, Set<ObjectRef> allowed) {
            return System.nanoTime() - nanos < LONGEST
                    && Unchanged.isSame(reading, now)
                    && Unchanged.isSame(slivers, known.slivers())
                    && Unchanged.isSame(images, known.images())
                    && Objects.equals(store, known.store())
                    && removals.equals(allowed);
        }
    }

    FileInput(DesiredStateSource source, Node node, Permissions permissions) {
        this.source = source;
        this.node = node;
        this.permissions = permissions;
    }

    DesiredStateSource source() {
        return source;
    }

    @Override
    public DesiredState read(ActualState known) {
        SourceRecord recorded = known.sources().get(source.id());
        Set<ObjectRef> removals = recorded == null ? Set.of() : recorded.removals();
        Reading reading = source.read();
        Decided before = last;
        if (before != null && before.holds(reading, known, removals)) {
            return before.desired();
        }
        LastKnown lastKnown = new LastKnown(
                known.slivers().values().stream().map(ActualSliver::record).toList(),
                known.images().values().stream().map(ActualImage::record).toList(),
                known.store(),
                removals);
        DesiredState desired = SourceRules.decide(reading, lastKnown, node, permissions);
        last = new Decided(
                reading, known.slivers(), known.images(), known.store(), removals, desired, System.nanoTime());
        return desired;
    }

    @Override
    public void decided(DesiredState desired, ActualState known, Store store) {
        SourceRecord recorded = known.sources().get(source.id());
        if (recorded == null || recorded.removals().equals(desired.source().removals())) {
            return;
        }
        try (Batch batch = store.begin()) {
            batch.replace(recorded.withRemovals(desired.source().removals()));
            batch.commit();
        } catch (NodeException e) {
            // What is declared counts, not how long a permission is remembered: the rest of the pass goes on.
            LOG.warn("what may be removed is not remembered: {}", e.getMessage());
        }
    }
}
