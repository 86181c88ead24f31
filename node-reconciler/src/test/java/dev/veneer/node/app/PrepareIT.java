package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.api.Reason;
import dev.veneer.node.desired.Permissions;
import dev.veneer.node.execute.ExecutionListener;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.loop.PassResult;
import dev.veneer.node.loop.Reconciler;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.observe.StateObserver.Look;
import dev.veneer.node.plan.Requests;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import dev.veneer.node.testkit.SetClock;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What keeps a sliver from being written anew is found before it is taken down, and looked for again without that. */
class PrepareIT {
    private static final long MEBIBYTE = 1 << 20;
    private static final Requests COMPACT = Requests.toCompact(Set.of(new SliverId("default", "web")));

    private static void declare(NodeOnLoop node, String base, String spec) throws Exception {
        node.write("web.yaml", NodeOnLoop.sliverOn(base, "web", spec));
    }

    private static void make(NodeOnLoop node, String spec) throws Exception {
        node.write("v1.yaml", NodeOnLoop.image("v1", node.archive("v1", "etc/motd", "1", "etc/both", "1", "big", "x")));
        node.write("v2.yaml", NodeOnLoop.image("v2", node.archive("v2", "etc/motd", "2", "etc/both", "2", "big", "x")));
        declare(node, "v1", spec);
        NodeOnLoop.Said made = node.apply();
        assertEquals(0, made.status(), made.text());
    }

    /** As long as it is open, its rootfs cannot be unmounted: what would be found after that only, is not found at all. */
    private static InputStream held(NodeOnLoop node) throws Exception {
        return Files.newInputStream(node.rootfs("web").resolve("etc/motd"));
    }

    private static Path tree(NodeOnLoop node, String base) throws Exception {
        NodeOnLoop.Said said = node.run("get", "baseimage", base, "-o", "json");
        JsonNode image = AgentSocket.JSON.readTree(said.text());
        String digest = image.at("/status/digest").asText();
        try (var found = Files.walk(node.store.resolve("bases"), 2)) {
            return found.filter(path -> path.endsWith("dir"))
                    .filter(path -> path.getParent()
                            .getFileName()
                            .toString()
                            .contains(digest.substring(digest.indexOf(':') + 1)))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Merge", "PreserveView", "Discard"})
    void aMissingBaseIsFoundBeforeTheSliverIsTakenDown(String strategy) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            String spec = "rebase: {strategy: " + strategy + "}";
            make(node, spec);
            InputStream held = held(node);
            Path tree = tree(node, "v2");
            Path away = tree.resolveSibling("away");
            Files.move(tree, away);
            Files.writeString(tree, "no directory");
            declare(node, "v2", spec);
            NodeOnLoop.Said refused = node.apply();
            assertEquals(1, refused.status(), refused.text());
            assertTrue(refused.text().contains("is missing in the store"), refused.text());
            held.close();
            Files.delete(tree);
            Files.move(away, tree);
            NodeOnLoop.Said moved = node.apply();
            assertEquals(0, moved.status(), moved.text());
        }
    }

    @Test
    void aMissingBaseIsFoundBeforeTheSliverIsTakenDownToBeCompacted() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            make(node, "driver: overlay");
            InputStream held = held(node);
            Path tree = tree(node, "v1");
            Path away = tree.resolveSibling("away");
            Files.move(tree, away);
            Files.writeString(tree, "no directory");
            NodeOnLoop.Said refused = node.run("compact", "sliver", "web");
            assertEquals(1, refused.status(), refused.text());
            assertTrue(refused.text().contains("is missing in the store"), refused.text());
            held.close();
            Files.delete(tree);
            Files.move(away, tree);
            assertEquals(0, node.run("compact", "sliver", "web").status());
        }
    }

    private static void fill(NodeOnLoop node, long left) throws Exception {
        Commands.run("sync", "--file-system", node.disk.mountPoint().toString());
        long free = Files.getFileStore(node.disk.mountPoint()).getUsableSpace();
        Commands.run(
                "fallocate",
                "-l",
                Long.toString(free - left),
                node.disk.mountPoint().resolve("ballast").toString());
    }

    @ParameterizedTest
    @CsvSource({"overlay, PreserveView", "copy, PreserveView", "copy, compact"})
    void whatDoesNotFitIsFoundBeforeTheSliverIsTakenDown(String driver, String what) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.EXT4, 260)) {
            node.write(
                    "store.yaml",
                    "apiVersion: veneer.dev/v1alpha1\nkind: NodeStore\nmetadata: {name: local}\nspec: {path: "
                            + node.store + ", reserve: {minFree: " + 20 * MEBIBYTE + "}}\n");
            String spec = "driver: " + driver + ", rebase: {strategy: PreserveView}";
            make(node, spec);
            Path data = node.rootfs("web").resolve("data");
            Commands.run("dd", "if=/dev/urandom", "of=" + data, "bs=1M", "count=40", "status=none");
            fill(node, 50 * MEBIBYTE);
            InputStream held = held(node);
            boolean compacts = what.equals("compact");
            if (!compacts) {
                declare(node, "v2", spec);
            }
            NodeOnLoop.Said refused = compacts ? node.run("compact", "sliver", "web") : node.apply();
            assertEquals(4, refused.status(), refused.text());
            assertTrue(refused.text().contains("has to write"), refused.text());
            held.close();
        }
    }

    /** Calls to which a file of this name cannot be read. */
    private static LinuxCalls unreadable(String name) {
        LinuxCalls real = new JnrLinuxCalls();
        return (LinuxCalls) Proxy.newProxyInstance(
                PrepareIT.class.getClassLoader(), new Class<?>[] {LinuxCalls.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("openat2")
                            && new String((byte[]) arguments[1], StandardCharsets.UTF_8).endsWith(name)) {
                        throw new LinuxException("openat2", Errno.EIO, name);
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** A pass of a reconciler that remembers those before. */
    static PassResult pass(NodeParts parts, Reconciler reconciler, Requests requests) throws Exception {
        return reconciler.pass(
                Look.EVERYTHING, parts.tools(null), parts.reporter(), ExecutionListener.NONE, () -> false, requests);
    }

    static FileInput input(NodeOnLoop node, NodeParts parts) throws Exception {
        FileInput input = Sources.open(
                List.of(node.files.toString()),
                new Permissions(false, false, false),
                InputStream.nullInputStream(),
                new dev.veneer.node.desired.Node(
                        parts.nodeName(),
                        node.store.toString(),
                        Set.copyOf(parts.drivers().names()),
                        SpecTexts.JUDGES));
        Sources.register(input, parts.store());
        return input;
    }

    @ParameterizedTest
    @CsvSource({"Merge, overlay", "PreserveView, overlay", "PreserveView, copy", "compact, overlay"})
    void whatCannotBeReadIsFoundBeforeTheSliverIsTakenDown(String what, String driver) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            boolean compacts = what.equals("compact");
            String spec = "driver: " + driver + (compacts ? "" : ", rebase: {strategy: " + what + "}");
            make(node, spec);
            // All of the base's but perhaps the content, which has to be read to tell.
            Path big = node.rootfs("web").resolve("big");
            Commands.run("cp", "-p", big.toString(), big + ".new");
            Commands.run("mv", big + ".new", big.toString());
            if (!compacts) {
                declare(node, "v2", spec);
            }
            try (InputStream held = held(node);
                    NodeParts parts = NodeParts.open(unreadable("big"), node.store.toString(), "test")) {
                Reconciler reconciler = new Reconciler(input(node, parts), parts.observer(), Clock.systemUTC());
                PassResult result = pass(parts, reconciler, compacts ? COMPACT : Requests.NONE);
                assertTrue(held.read() >= 0);
                assertTrue(
                        result.results().stream()
                                .anyMatch(each ->
                                        each.failure() != null && each.failure().reason() == Reason.StoreFaulty),
                        result.results().toString());
            }
        }
    }

    @Test
    void aConflictThatTheOwnerSettlesInsideIsFoundSettled() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            make(node, "driver: overlay");
            Path both = node.rootfs("web").resolve("etc/both");
            Files.writeString(both, "mine");
            declare(node, "v2", "driver: overlay");
            SetClock clock = new SetClock();
            InputStream held = held(node);
            try (NodeParts parts = NodeParts.open(new JnrLinuxCalls(), node.store.toString(), "test")) {
                Reconciler reconciler = new Reconciler(input(node, parts), parts.observer(), clock);
                for (int look = 0; look < 3; look++) {
                    PassResult result = pass(parts, reconciler, Requests.NONE);
                    assertEquals(
                            List.of(Reason.RebaseConflict),
                            result.left().findings().stream()
                                    .map(finding -> finding.reason())
                                    .toList());
                    clock.advance(Duration.ofMinutes(5));
                }
                assertTrue(reconciler.nextTime().isPresent(), "nothing wakes the agent to look again");
                held.close();
                Files.writeString(both, "2");
                clock.advance(Duration.ofHours(1));
                PassResult moved = pass(parts, reconciler, Requests.NONE);
                assertEquals(List.of(), moved.left().findings());
                assertEquals("2", Files.readString(node.rootfs("web").resolve("etc/motd")));
            }
        }
    }

    /** Calls that count how often a file of this name is opened, and do something before a rootfs is unmounted. */
    private static LinuxCalls watched(String name, AtomicInteger opened, Callable<?> beforeUnmount) {
        LinuxCalls real = new JnrLinuxCalls();
        return (LinuxCalls) Proxy.newProxyInstance(
                PrepareIT.class.getClassLoader(), new Class<?>[] {LinuxCalls.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("openat2")
                            && new String((byte[]) arguments[1], StandardCharsets.UTF_8).endsWith(name)) {
                        opened.incrementAndGet();
                    }
                    if (method.getName().equals("umount2")) {
                        beforeUnmount.call();
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** How often a file was opened that both sides changed alike, in a move with something done in the midst of it. */
    private static int opensOfBoth(NodeOnLoop node, Callable<?> beforeUnmount) throws Exception {
        Files.writeString(node.rootfs("web").resolve("etc/both"), "2");
        Thread.sleep(1_500);
        declare(node, "v2", "driver: overlay");
        AtomicInteger opened = new AtomicInteger();
        try (NodeParts parts = NodeParts.open(watched("both", opened, beforeUnmount), node.store.toString(), "test")) {
            Reconciler reconciler = new Reconciler(input(node, parts), parts.observer(), Clock.systemUTC());
            PassResult moved = pass(parts, reconciler, Requests.NONE);
            assertEquals(List.of(), moved.left().findings());
        }
        return opened.get();
    }

    @Test
    void whatWasDecidedBeforehandHoldsUnlessSomethingIsWrittenAfterIt() throws Exception {
        int undisturbed;
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            make(node, "driver: overlay");
            undisturbed = opensOfBoth(node, () -> null);
            assertEquals("2", Files.readString(node.rootfs("web").resolve("etc/motd")));
        }
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            make(node, "driver: overlay");
            Path etc = node.rootfs("web").resolve("etc");
            int disturbed = opensOfBoth(node, () -> Files.writeString(etc.resolve("late"), "late"));
            assertEquals("late", Files.readString(etc.resolve("late")));
            assertTrue(undisturbed < disturbed, undisturbed + " against " + disturbed);
        }
    }
}
