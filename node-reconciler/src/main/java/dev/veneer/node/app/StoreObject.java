package dev.veneer.node.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.cli.Kind;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Statfs;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.ObjectRef;

/** The NodeStore of a store as {@code get} shows it: as it was declared, or as defaults make it. */
final class StoreObject {
    private StoreObject() {}

    static ObjectNode of(NodeParts node, LiveView live) throws NodeException {
        NodeStoreRecord record = live.actual().store();
        String name = record == null ? node.nodeName() : record.name();
        ObjectNode object = Objects.object(Kind.NODE_STORE, name);
        if (record == null) {
            // Nobody declared it, so it is as old as its directory.
            ((ObjectNode) object.get("metadata"))
                    .put("creationTimestamp", node.store().createdAt().toString());
            object.putObject("spec")
                    .put("nodeName", node.nodeName())
                    .put("path", node.store().layout().root());
        } else {
            Objects.identity((ObjectNode) object.get("metadata"), record);
            object.set("spec", Objects.parse(record.canonicalSpec()));
        }
        ObjectNode status = node.store()
                .statuses()
                .read(ObjectRef.store(name))
                .map(Objects::parse)
                .orElseGet(AgentSocket.JSON::createObjectNode);
        Statfs space = node.store().space();
        status.putObject("capacity")
                .put("bytes", space.totalBytes())
                .put("freeBytes", space.availableBytes())
                .put("inodes", space.files())
                .put("freeInodes", space.freeFiles());
        object.set("status", status);
        return object;
    }
}
