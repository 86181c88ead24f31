package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.node.desired.Node;
import dev.veneer.node.desired.Permissions;
import dev.veneer.node.execute.ExecutionListener;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.loop.PassResult;
import dev.veneer.node.loop.Reconciler;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.observe.StateObserver.Look;
import dev.veneer.node.plan.Requests;
import dev.veneer.node.runtime.HostThatIsKnown;
import dev.veneer.node.store.Finding;
import dev.veneer.node.store.StoreCheck;
import dev.veneer.node.store.StoreLockedException;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A store on a loop device, what is declared for it, and strangers' things beside it. */
final class Site implements AutoCloseable {
    static final LinuxCalls REAL = new JnrLinuxCalls();

    /** What the base image holds. */
    private static final List<String> BASE_FILES = List.of("etc/motd", "bin/tool", "empty");

    private final LoopDevice device;
    private final boolean owner;
    private final Path home;
    private final Path store;
    private final Path declared;
    private final Path archive;
    private Requests requests = Requests.NONE;

    private Site(LoopDevice device, boolean owner, Path home) throws Exception {
        this.device = device;
        this.owner = owner;
        this.home = home;
        this.store = home.resolve("store");
        this.declared = Files.createDirectories(home.resolve("declared"));
        this.archive = makeArchive("base");
    }

    /** Packs what every base image of these tests holds, and a file of its own, that makes its identity another. */
    Path makeArchive(String name) throws Exception {
        Path tree = Files.createDirectories(home.resolve(name));
        for (String file : BASE_FILES) {
            Files.createDirectories(tree.resolve(file).getParent());
            Files.writeString(tree.resolve(file), file.equals("empty") ? "" : "content of " + file);
        }
        Files.createLink(tree.resolve("bin/alias"), tree.resolve("bin/tool"));
        Files.createSymbolicLink(tree.resolve("link"), Path.of("etc/motd"));
        Files.writeString(tree.resolve("name"), name);
        Path packed = home.resolve(name + ".tar");
        Commands.run("tar", "-C", tree.toString(), "-cf", packed.toString(), ".");
        return packed;
    }

    static Site on(LoopDevice.Kind kind) throws Exception {
        // More than the reserve that a store keeps free by default.
        LoopDevice device = LoopDevice.create(kind, 1200);
        try {
            return new Site(device, true, device.mountPoint());
        } catch (Exception | Error e) {
            device.close();
            throw e;
        }
    }

    /** One of several sites on one device, which stays its owner's. */
    static Site in(LoopDevice device, String name) throws Exception {
        return new Site(device, false, device.mountPoint().resolve(name));
    }

    LoopDevice device() {
        return device;
    }

    /** The directory that everything of this site lies in. */
    Path home() {
        return home;
    }

    Path store() {
        return store;
    }

    Path declared() {
        return declared;
    }

    String archive() {
        return archive.toString();
    }

    /** Declares exactly these documents, in one file. */
    void declare(String... documents) throws Exception {
        Path next = home.resolve("next.yaml");
        Files.writeString(next, String.join("---\n", documents));
        Files.move(
                next,
                declared.resolve("all.yaml"),
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.ATOMIC_MOVE);
    }

    String image(String more) {
        return image("base", archive.toString(), more);
    }

    static String image(String name, String archive, String more) {
        return "apiVersion: veneer.dev/v1alpha1\nkind: BaseImage\nmetadata: {name: " + name + "}\n"
                + "spec:\n  source: {archive: {url: 'file://" + archive + "'}}\n" + more;
    }

    static String sliver(String name, String spec) {
        return sliver(name, "base", spec);
    }

    static String sliver(String name, String image, String spec) {
        return "apiVersion: veneer.dev/v1alpha1\nkind: Sliver\nmetadata: {name: " + name + "}\n" + "spec: {baseImage: "
                + image + (spec.isEmpty() ? "" : ", " + spec) + "}\n";
    }

    /** What a fresh {@code veneer apply -f declared/ --allow-shrink} does, by these calls. */
    PassResult pass(LinuxCalls calls) throws Exception {
        return pass(calls, () -> {});
    }

    /** The same; {@code opened} runs once the store is open. */
    PassResult pass(LinuxCalls calls, Runnable opened) throws Exception {
        try (NodeParts node = open(calls)) {
            opened.run();
            return pass(node);
        }
    }

    /** Opens the store as a command does. */
    NodeParts open(LinuxCalls calls) throws NodeException, StoreLockedException {
        return NodeParts.open(calls, store.toString(), "test", HostName.read(calls), HostThatIsKnown.HERE);
    }

    private PassResult pass(NodeParts node) throws Exception {
        return pass(node, store, declared, requests, () -> false);
    }

    /** The same as {@link #pass(LinuxCalls)}, told to stop by whoever asks. */
    PassResult passUntil(LinuxCalls calls, BooleanSupplier stop) throws Exception {
        try (NodeParts node = open(calls)) {
            return pass(node, store, declared, requests, stop);
        }
    }

    /** A pass of a node over what a directory declares. */
    static PassResult pass(NodeParts node, Path store, Path declared, Requests requests, BooleanSupplier stop)
            throws Exception {
        FileInput input = Sources.open(
                List.of(declared.toString()),
                new Permissions(false, false, true),
                InputStream.nullInputStream(),
                new Node(
                        node.nodeName(),
                        store.toString(),
                        Set.copyOf(node.drivers().names()),
                        SpecTexts.JUDGES));
        Sources.register(input, node.store());
        return new Reconciler(input, node.observer(), Clock.systemUTC())
                .pass(Look.EVERYTHING, node.tools(null), node.reporter(), ExecutionListener.NONE, stop, requests);
    }

    /** Has the next passes asked to compact these; until {@link #converge}. */
    void askToCompact(String... slivers) {
        requests = Requests.toCompact(
                Stream.of(slivers).map(name -> new SliverId("default", name)).collect(Collectors.toSet()));
    }

    /** Has the next passes asked to take these to the revision before; until {@link #converge}. */
    void askToGoBack(String... slivers) {
        requests = new Requests(
                Set.of(),
                Stream.of(slivers)
                        .map(name -> new SliverId("default", name))
                        .collect(Collectors.toMap(id -> id, id -> Requests.LAST)));
    }

    /** What a sliver's record says. */
    JsonNode record(String sliver) throws Exception {
        return AgentSocket.JSON.readTree(
                store.resolve("slivers/default/" + sliver + "/record.json").toFile());
    }

    /** A pass by the real calls that does all that is to do, where that is only what a test begins with. */
    void settle() throws Exception {
        requests = Requests.NONE;
        try (NodeParts node = open(REAL)) {
            assertAllDone(pass(node));
        }
    }

    /** A pass by the real calls that does all that is to do; the next finds nothing. */
    void converge() throws StoreLockedException, Exception {
        requests = Requests.NONE;
        try (NodeParts node = open(REAL)) {
            assertAllDone(pass(node));
        }
        try (NodeParts node = open(REAL)) {
            PassResult again = pass(node);
            assertAllDone(again);
            assertEquals(List.of(), again.results(), "a second pass has nothing to do");
        }
        assertNothingLeftOver();
    }

    /** The same by one run, as an agent's, whose second pass it is that has nothing to do. */
    void convergeInOneRun() throws Exception {
        try (NodeParts node = open(REAL)) {
            assertAllDone(pass(node));
            PassResult again = pass(node);
            assertAllDone(again);
            assertEquals(List.of(), again.results(), "a second pass has nothing to do");
        }
        assertNothingLeftOver();
    }

    private static void assertAllDone(PassResult result) {
        assertTrue(result.left().isEmpty(), () -> "left: " + result.left() + " after " + result.results());
        assertEquals(List.of(), result.left().findings(), () -> "after " + result.results());
        result.results().forEach(each -> assertEquals(null, each.failure(), () -> "of " + each.action()));
    }

    private void assertNothingLeftOver() throws Exception {
        for (String name : List.of("staging", "trash", "journal", "scratch")) {
            assertEquals(Set.of(), names(store.resolve(name)), name);
        }
        assertEquals(List.of(), mountsIn("/scratch"));
        // The index is a cache that lacks what was written in the last clock ticks.
        List<Finding> findings = new ArrayList<>(new StoreCheck(REAL, store.toString()).run(true, (digest, all) -> {}));
        // A file that a run had begun to write beside a record stays until the record is written again.
        findings.removeIf(
                finding -> finding.kind() == Finding.Kind.IndexStale || finding.kind() == Finding.Kind.Unfinished);
        assertEquals(List.of(), findings);
    }

    static Set<String> names(Path directory) throws Exception {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> all = Files.list(directory)) {
            all.forEach(path -> names.add(path.getFileName().toString()));
        }
        return names;
    }

    /** Where a sliver is mounted by default. */
    Path rootfs(String sliver) {
        return store.resolve("rootfs/default/" + sliver);
    }

    /** A file's content as an owner sees it. */
    String read(String sliver, String file) throws Exception {
        return Files.readString(rootfs(sliver).resolve(file));
    }

    /** An owner's work in a sliver. */
    void mark(String sliver, String text) throws Exception {
        Files.writeString(rootfs(sliver).resolve("etc/motd"), text);
        Files.writeString(rootfs(sliver).resolve("mark"), text);
    }

    /** Writes a file of the base anew with what it had. */
    void writeAgain(String sliver) throws Exception {
        Path file = rootfs(sliver).resolve("name");
        Path copy = rootfs(sliver).resolve("name.new");
        Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
        Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The sliver is mounted once, whole, and holds this work of its owner, or none when {@code null}. */
    void assertSliver(String sliver, String work) throws Exception {
        assertEquals(1, mounts(sliver), "mounts of " + sliver);
        assertTree(rootfs(sliver), sliver, work);
    }

    private static void assertTree(Path root, String sliver, String work) throws Exception {
        assertEquals(work != null, Files.exists(root.resolve("mark")), "the mark of " + sliver);
        assertEquals(
                work != null ? work : "content of etc/motd",
                Files.readString(root.resolve("etc/motd")),
                "motd of " + sliver);
        assertEquals("content of bin/tool", Files.readString(root.resolve("bin/tool")));
        assertEquals("content of bin/tool", Files.readString(root.resolve("bin/alias")));
        assertEquals(Path.of("etc/motd"), Files.readSymbolicLink(root.resolve("link")));
    }

    void assertGone(String sliver) {
        assertEquals(0, mounts(sliver), "mounts of " + sliver);
        assertFalse(Files.exists(store.resolve("slivers/default/" + sliver)), sliver);
        assertFalse(Files.exists(rootfs(sliver)), "the mount point of " + sliver);
    }

    /** How many mounts there are on a sliver's rootfs, in this mount namespace. */
    long mounts(String sliver) {
        return mountsIn("/rootfs/default/" + sliver).size();
    }

    /** How many mounts there are in the store's directory for short-lived things, in this mount namespace. */
    long mountsInScratch() {
        return mountsIn("/scratch").size();
    }

    private List<String> mountsIn(String below) {
        List<String> found = new ArrayList<>();
        String prefix = store + below;
        for (String line : mountInfo()) {
            String target = line.split(" ", -1)[4];
            if (target.equals(prefix) || target.startsWith(prefix + "/")) {
                found.add(target);
            }
        }
        return found;
    }

    private static List<String> mountInfo() {
        try {
            return Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** The revision that a sliver's record names. */
    int revision(String sliver) throws Exception {
        Path record = store.resolve("slivers/default/" + sliver + "/record.json");
        return AgentSocket.JSON.readTree(record.toFile()).at("/revision").asInt();
    }

    /**
     * Before any recovery: a sliver that has a record has the revision that it names, whole. The old one holds what its
     * owner did, a newer one what the base has. (For {@code overlay} that is nothing at all.)
     */
    void assertRevision(String sliver, String driver, int old, String work) throws Exception {
        assertTrue(mounts(sliver) <= 1, "mounts of " + sliver);
        Path directory = store.resolve("slivers/default/" + sliver);
        if (!Files.exists(directory)) {
            return;
        }
        int revision = revision(sliver);
        assertTrue(revision == old || revision == old + 1, sliver + " has revision " + revision + " after " + old);
        String expected = revision == old ? work : null;
        Path data = directory.resolve("revisions/" + revision);
        if (!driver.equals("overlay")) {
            assertTree(data.resolve("tree"), sliver + "@" + revision, expected);
        } else {
            Set<String> written = expected == null ? Set.of() : Set.of("etc", "mark");
            assertEquals(written, names(data.resolve("upper")), sliver + "@" + revision);
        }
    }

    /** Makes the store as if it had never been. */
    void wipe() {
        unmountAll();
        Commands.run("rm", "-rf", "--one-file-system", store.toString());
    }

    private void unmountAll() {
        List<String> targets = mountsIn("");
        for (int i = targets.size() - 1; i >= 0; i--) {
            try {
                REAL.umount2(PathBytes.of(targets.get(i)), 0);
            } catch (LinuxException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public void close() {
        if (owner) {
            device.close();
        } else {
            unmountAll();
        }
    }
}
