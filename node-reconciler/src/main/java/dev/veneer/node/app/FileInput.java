package dev.veneer.node.app;

import dev.veneer.node.desired.DesiredStateSource;
import dev.veneer.node.desired.Node;
import dev.veneer.node.desired.Permissions;
import dev.veneer.node.desired.SourceMemory;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.loop.DesiredInput;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SourceRecord;
import dev.veneer.node.model.Unchanged;
import dev.veneer.node.store.Batch;
import dev.veneer.node.store.Store;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A source of desired state, with what it may do and the node that it is read for. */
final class FileInput implements DesiredInput {
    private static final Logger LOG = LoggerFactory.getLogger(FileInput.class);

    private final DesiredStateSource source;
    private final SourceMemory memory;
    private @Nullable Map<ObjectRef, String> kept;

    FileInput(DesiredStateSource source, Node node, Permissions permissions) {
        this.source = source;
        this.memory = new SourceMemory(node, permissions);
    }

    /** Before anything is done for what was declared, it is known for good. */
    private void keep(Store store) {
        Map<ObjectRef, String> now = source.toKeep();
        if (now == null || Unchanged.isSame(now, kept)) {
            return;
        }
        try {
            store.declared().keep(source.id(), now);
            kept = now;
        } catch (NodeException e) {
            // A disk that takes nothing is no reason to leave undone what can be done; the next pass tries again.
            LOG.warn("what is declared would not be known after a restart: {}", e.getMessage());
        }
    }

    DesiredStateSource source() {
        return source;
    }

    @Override
    public DesiredState read(ActualState known) {
        return memory.decide(source.read(), known);
    }

    @Override
    public void decided(DesiredState desired, ActualState known, Store store) {
        keep(store);
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
