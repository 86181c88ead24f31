package dev.veneer.node.app;

import dev.veneer.node.driver.Availability;
import dev.veneer.node.driver.DriverCapabilities;
import dev.veneer.node.driver.DriverRegistry;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.execute.KnownBases;
import dev.veneer.node.execute.Looks;
import dev.veneer.node.execute.NodeTools;
import dev.veneer.node.execute.RootfsMounts;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.image.Importer;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.model.ActualImage;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DeclaredSpecs;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredStore;
import dev.veneer.node.model.DriverFacts;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.observe.ExpectedMounts;
import dev.veneer.node.observe.StateObserver;
import dev.veneer.node.runtime.BackgroundStops;
import dev.veneer.node.runtime.Host;
import dev.veneer.node.runtime.LxcRuntime;
import dev.veneer.node.runtime.RuntimeAvailability;
import dev.veneer.node.status.StatusReporter;
import dev.veneer.node.status.UsageBook;
import dev.veneer.node.store.IdRangePromises;
import dev.veneer.node.store.Store;
import dev.veneer.node.store.StoreLockedException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A node's parts around one open store. */
final class NodeParts implements AutoCloseable {
    private static final String LAST_KNOWN = "last known version";

    private final LinuxCalls calls;
    private final Store store;
    private final DriverRegistry drivers;
    private final BackgroundStops runtime;
    private final ExpectedMounts expected;
    private final IdRangePromises promises;
    private final StateObserver observer;
    private final String nodeName;
    private final UsageBook usage = new UsageBook();
    private final KnownBases bases = new KnownBases();
    private final Looks looks = new Looks(Clock.systemUTC());
    private final StatusReporter reporter;

    private NodeParts(LinuxCalls calls, Store store, String nodeName, Host host, boolean probing) {
        this.calls = calls;
        this.store = store;
        this.drivers = DriverRegistry.all(calls);
        this.runtime = new BackgroundStops(new LxcRuntime(calls, store.layout().root(), host), Clock.systemUTC());
        this.expected = new ExpectedMounts(drivers, store.layout(), store.mark());
        this.nodeName = nodeName;
        this.promises = IdRangePromises.of(store, calls, RunDirectory.path());
        this.observer = new StateObserver(calls, store, expected, runtime, promises, new RecordSpecs(), probe(probing));
        this.reporter = new StatusReporter(store.statuses(), AgentSocket.JSON, usage);
    }

    /** Opens the store for changing it, making it where there is none, and tries the drivers in it. */
    static NodeParts open(String root, String command) throws NodeException, StoreLockedException {
        return open(new JnrLinuxCalls(), root, command);
    }

    /** The same by the given calls. */
    static NodeParts open(LinuxCalls calls, String root, String command) throws NodeException, StoreLockedException {
        return open(calls, root, command, HostName.read(calls));
    }

    /** The same for a node of a given name. */
    static NodeParts open(LinuxCalls calls, String root, String command, String nodeName)
            throws NodeException, StoreLockedException {
        return open(calls, root, command, nodeName, NodeHost.read());
    }

    /** The same for a node whose containers are on a given host. */
    static NodeParts open(LinuxCalls calls, String root, String command, String nodeName, Host host)
            throws NodeException, StoreLockedException {
        Store store = Store.open(calls, root, command);
        boolean opened = false;
        try {
            NodeParts parts = new NodeParts(calls, store, nodeName, host, true);
            opened = true;
            return parts;
        } finally {
            if (!opened) {
                store.close();
            }
        }
    }

    /** Opens a store that is there for changing it; does not make one, since what the command is for would be nothing. */
    static NodeParts openExisting(String root, String command) throws NodeException, StoreLockedException {
        LinuxCalls calls = new JnrLinuxCalls();
        if (Store.isAbsent(calls, root)) {
            throw Store.absent(root);
        }
        return open(calls, root, command);
    }

    /** Opens the store for reading: nothing is written, and no driver is tried, since that writes. */
    static NodeParts openReadOnly(String root) throws NodeException {
        return openReadOnly(new JnrLinuxCalls(), root);
    }

    /** The same by the given calls. */
    static NodeParts openReadOnly(LinuxCalls calls, String root) throws NodeException {
        return new NodeParts(calls, Store.openReadOnly(calls, root), HostName.read(calls), NodeHost.read(), false);
    }

    LinuxCalls calls() {
        return calls;
    }

    Store store() {
        return store;
    }

    DriverRegistry drivers() {
        return drivers;
    }

    BackgroundStops runtime() {
        return runtime;
    }

    ExpectedMounts expected() {
        return expected;
    }

    /** Slivers' mounts, and ways to look at what nobody has mounted. */
    RootfsMounts mounts() {
        return new RootfsMounts(calls, store, expected);
    }

    StateObserver observer() {
        return observer;
    }

    /** The one writer of status. */
    StatusReporter reporter() {
        return reporter;
    }

    /** Keeps the ids of slivers apart from those of the node's other stores. */
    IdRangePromises promises() {
        return promises;
    }

    /** The NodeStore in force when nothing is declared anew: as the store recorded it, else defaults. */
    DesiredStore settings(ActualState actual) {
        NodeStoreRecord record = actual.store();
        return record == null
                ? DesiredStore.defaults(nodeName)
                : DeclaredSpecs.store(record.name(), record.canonicalSpec(), LAST_KNOWN);
    }

    /** What was measured of slivers. */
    UsageBook usage() {
        return usage;
    }

    String nodeName() {
        return nodeName;
    }

    /** What is known of base images by the whole of their manifests. */
    KnownBases bases() {
        return bases;
    }

    /** What the executor works with. */
    NodeTools tools(@Nullable String secrets) {
        return new NodeTools(
                calls,
                store,
                drivers,
                mounts(),
                new Importer(calls),
                runtime,
                bases,
                looks,
                promises,
                DesiredStore.defaults(nodeName),
                secrets,
                Clock.systemUTC());
    }

    /** Finds out anew what the drivers and LXC can do here; whether that has changed. By the loop's thread. */
    boolean reprobe() {
        return observer.reprobed(probe(true));
    }

    private StateObserver.NodeProbe probe(boolean probing) {
        List<DriverFacts> facts = new ArrayList<>();
        for (DriverRegistry.Entry entry : drivers.inOrder()) {
            StorageDriver driver = entry.driver();
            Availability availability = probing
                    ? driver.probe(store.layout().absoluteScratch())
                    : Availability.yes("not tried, since the store is only read");
            String reason = availability.available()
                    ? entry.because()
                    : availability.reason() + (availability.remedy().isEmpty() ? "" : "; " + availability.remedy());
            facts.add(new DriverFacts(
                    driver.name(),
                    driver.form(),
                    availability.available(),
                    reason,
                    driver.capabilities().idmapped(),
                    words(driver.capabilities())));
        }
        return new StateObserver.NodeProbe(nodeName, facts, lxc(probing));
    }

    private static List<String> words(DriverCapabilities capabilities) {
        List<String> words = new ArrayList<>();
        add(words, capabilities.sharesBaseBytes(), "sharesBaseBytes");
        add(words, capabilities.sharesPageCache(), "sharesPageCache");
        add(words, capabilities.idmapped(), "idmapped");
        add(words, capabilities.storesWhiteoutDevice(), "storesWhiteoutDevice");
        add(words, capabilities.nestedSubvolumes(), "nestedSubvolumes");
        add(words, capabilities.hardLinksOfBaseKept(), "hardLinksOfBaseKept");
        return words;
    }

    private static void add(List<String> words, boolean has, String word) {
        if (has) {
            words.add(word);
        }
    }

    private String lxc(boolean probing) {
        if (!probing) {
            return "";
        }
        RuntimeAvailability availability = runtime.availability();
        return availability.available()
                ? ""
                : availability.reason() + (availability.remedy().isEmpty() ? "" : "; " + availability.remedy());
    }

    @Override
    public void close() {
        runtime.close();
        observer.close();
        looks.close();
        store.close();
    }

    /** Reads specs in force out of records. */
    private static final class RecordSpecs implements StateObserver.SpecReader {
        @Override
        public DesiredSliver sliver(SliverRecord record) throws NodeException {
            return DeclaredSpecs.sliver(record.id(), record.canonicalSpec(), LAST_KNOWN);
        }

        @Override
        public ActualImage image(ImageRecord record) throws NodeException {
            return new ActualImage(record, DeclaredSpecs.image(record.name(), record.canonicalSpec(), LAST_KNOWN));
        }
    }
}
