package dev.veneer.node.app;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.store.StoreView;
import dev.veneer.node.store.StoredSliver;

/** Finds a sliver that a person named. */
final class Lookup {
    private Lookup() {}

    static SliverRecord sliver(NodeParts node, SliverId id) throws NodeException {
        StoreView view = node.store().scan();
        StoredSliver stored = view.slivers().get(id);
        if (stored != null) {
            return stored.record();
        }
        String elsewhere = "";
        for (SliverId other : view.slivers().keySet()) {
            if (other.name().equals(id.name())) {
                elsewhere = "; there is one in namespace " + other.namespace() + " (-n " + other.namespace() + ")";
            }
        }
        throw new NodeException(
                Reason.Failed,
                Follow.STALLED,
                "there is no sliver " + id.name() + " in namespace " + id.namespace() + elsewhere
                        + "; veneer get slivers -A lists all");
    }
}
