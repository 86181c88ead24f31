package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.api.Annotations;
import dev.veneer.node.desired.ClusterReader;
import dev.veneer.node.desired.Node;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Which of the cluster's NodeStores an agent's store is, and whether it is the very store that the cluster knows by that name.
 * Where the store's disk is not mounted, the agent finds an empty directory and makes a store of it, which nothing may be put
 * into: it would be hidden, or taken for what was there.
 *
 * @param node the node, with the store's path
 * @param storeId the store's own id
 */
record StoreClaim(Node node, String storeId) {
    /** Where it stands in a NodeStore's status. */
    static final String STORE_ID = "storeId";

    /** The NodeStore of this store; null when there is none yet. */
    @Nullable
    JsonNode own(Collection<JsonNode> stores) {
        for (JsonNode store : stores) {
            if (store.at("/spec/nodeName").asText().equals(node.name())
                    && store.at("/spec/path").asText().equals(node.storePath())) {
                return store;
            }
        }
        return null;
    }

    /** Why nothing may be made in this store, or null. */
    @Nullable
    String barred(JsonNode own) {
        String known = known(own);
        if (known.equals(storeId) || ClusterReader.isAdopting(own)) {
            return null;
        }
        return "what lies at " + node.storePath() + " is not the store that NodeStore "
                + own.at("/metadata/name").asText() + " was until now (it has id " + storeId + ", not " + known
                + "): nothing new is made in it. If the store's disk is not mounted, mount it and start the agent again; if the"
                + " store is meant to be replaced, annotate the NodeStore with " + Annotations.ADOPT + ": \"true\"";
    }

    /** The id that the NodeStore's status is to have. */
    String idFor(JsonNode own) {
        return barred(own) == null ? storeId : known(own);
    }

    private String known(JsonNode own) {
        String known = own.path("status").path(STORE_ID).asText();
        return known.isEmpty() ? storeId : known;
    }
}
