package dev.veneer.node.app;

import dev.veneer.node.cli.SourceOptions;
import dev.veneer.node.desired.FileSource;
import dev.veneer.node.desired.Node;
import dev.veneer.node.desired.Permissions;
import dev.veneer.node.driver.DriverRegistry;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.SourceRecord;
import dev.veneer.node.store.Batch;
import dev.veneer.node.store.Store;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** Opens sources of desired state. A further kind of source is wired here. */
final class Sources {
    private Sources() {}

    static FileInput open(SourceOptions options, String nodeName, String storePath, DriverRegistry drivers) {
        return open(
                options.paths(),
                new Permissions(options.prune(), options.takeOver(), options.allowShrink()),
                System.in,
                new Node(nodeName, storePath, Set.copyOf(drivers.names())));
    }

    static FileInput open(List<String> paths, Permissions permissions, InputStream standardInput, Node node) {
        return new FileInput(new FileSource(paths, node, standardInput, Clock.systemUTC()), node, permissions);
    }

    /** Notes in the store which source it is, once: objects name it by its short id only. */
    static void register(FileInput input, Store store) throws NodeException {
        String id = input.source().id();
        if (store.scan().sources().containsKey(id)) {
            return;
        }
        try (Batch batch = store.begin()) {
            batch.replace(new SourceRecord(id, input.source().identity(), Instant.now(), Set.of()));
            batch.commit();
        }
    }
}
