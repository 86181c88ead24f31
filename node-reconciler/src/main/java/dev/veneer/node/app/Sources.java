package dev.veneer.node.app;

import dev.veneer.node.cli.SourceOptions;
import dev.veneer.node.desired.DesiredStateSource;
import dev.veneer.node.desired.FileSource;
import dev.veneer.node.desired.Node;
import dev.veneer.node.desired.Permissions;
import dev.veneer.node.driver.DriverRegistry;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
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

    /**
     * What a command's options name, for this machine and a store. It is read from now on, beside the caller, unless that
     * would take standard input from who else may need it, or the store is not there yet, whose path it is compared with.
     */
    static FileInput open(SourceOptions options, LinuxCalls calls, String root) throws NodeException {
        Node node = new Node(
                HostName.read(calls), root, Set.copyOf(DriverRegistry.all(calls).names()), SpecTexts.JUDGES);
        DesiredStateSource source = new FileSource(options.paths(), node, System.in, Clock.systemUTC());
        boolean early = !options.paths().contains(FileSource.STANDARD_INPUT) && !Store.isAbsent(calls, root);
        return new FileInput(
                early ? new EarlySource(source) : source,
                node,
                new Permissions(options.prune(), options.takeOver(), options.allowShrink()));
    }

    /** What a client of the agent names. */
    static FileInput open(List<String> paths, Permissions permissions, InputStream standardInput, Node node) {
        return new FileInput(new FileSource(paths, node, standardInput, Clock.systemUTC()), node, permissions);
    }

    /** Notes in the store which source it is, once: objects name it by its short id only. */
    static void register(FileInput input, Store store) throws NodeException {
        register(input.source().id(), input.source().identity(), store);
    }

    /** The same for any. */
    static void register(String id, String identity, Store store) throws NodeException {
        if (store.scan().sources().containsKey(id)) {
            return;
        }
        try (Batch batch = store.begin()) {
            batch.replace(new SourceRecord(id, identity, Instant.now(), Set.of()));
            batch.commit();
        }
    }
}
