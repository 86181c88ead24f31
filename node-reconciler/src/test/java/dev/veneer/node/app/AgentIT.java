package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The agent in a process of its own: what wakes it, commands beside it, how it ends. */
class AgentIT {
    private NodeOnLoop node;
    private ChildVeneer agent;

    /** Something that is to become true. */
    interface Condition {
        boolean holds() throws IOException;
    }

    @BeforeEach
    void start() throws Exception {
        node = new NodeOnLoop(LoopDevice.Kind.XFS);
        node.write("base.yaml", NodeOnLoop.image("base", node.archive("base", "etc/motd", "hello\n")));
        node.write("web.yaml", NodeOnLoop.sliver("web", "driver: overlay"));
        agent = ChildVeneer.start("agent", "-f", node.files.toString(), "--store", node.store.toString());
        await(Duration.ofSeconds(60), () -> isMounted("web"));
    }

    @AfterEach
    void end() throws IOException {
        try {
            agent.close();
        } finally {
            node.close();
        }
    }

    private boolean isMounted(String sliver) throws IOException {
        return node.mountedAt(node.rootfs(sliver)).size() == 1;
    }

    private void await(Duration most, Condition condition) throws Exception {
        await(agent, most, condition);
    }

    static void await(ChildVeneer agent, Duration most, Condition condition) throws Exception {
        long end = System.nanoTime() + most.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + most + "; the agent said: " + agent.said());
            }
            Thread.sleep(20);
        }
    }

    /** A second is the promise on a machine that does nothing else; here it shares two processors with other tests. */
    @Test
    void aLostMountIsBackWithoutAnyTick() throws Exception {
        Commands.run("umount", node.rootfs("web").toString());
        await(Duration.ofSeconds(5), () -> isMounted("web"));
    }

    @Test
    void anEditedAnAddedAndARemovedFileAreNoticed() throws Exception {
        node.write("db.yaml", NodeOnLoop.sliver("db", "driver: copy"));
        await(Duration.ofSeconds(10), () -> isMounted("db"));
        node.write("db.yaml", NodeOnLoop.sliver("db", "driver: copy", "desiredState: Registered"));
        await(Duration.ofSeconds(10), () -> node.mountedAt(node.rootfs("db")).isEmpty());
        Files.delete(node.files.resolve("db.yaml"));
        await(Duration.ofSeconds(10), () -> !Files.exists(node.store.resolve("slivers/default/db")));
        assertTrue(isMounted("web"));
    }

    @Test
    void theResyncOfTheNodeStoreCountsWithoutARestart() throws Exception {
        Path record = node.store.resolve("slivers/default/web/record.json");
        node.write(
                "store.yaml",
                "apiVersion: veneer.dev/v1alpha1\nkind: NodeStore\nmetadata: {name: main}\nspec:\n  nodeName: "
                        + HostName.read(new JnrLinuxCalls()) + "\n  path: " + node.store + "\n  resync: 1s\n");
        await(Duration.ofSeconds(10), () -> node.run("get", "nodestores").text().contains("main"));
        // Nothing but a look at everything notices that a record is gone; five minutes would be too late here.
        Files.delete(record);
        await(Duration.ofSeconds(30), () -> Files.exists(record));
    }

    @Test
    void newSliversAreMeasuredSoonAfterTheyWereMade() throws Exception {
        Path status = node.store.resolve("slivers/default/web/status.json");
        await(
                Duration.ofSeconds(30),
                () -> Files.exists(status) && Files.readString(status).contains("exclusiveBytes"));
    }

    @Test
    void anApplyBesideItGoesThroughItAndOthersAreToldThatTheStoreIsLocked() throws Exception {
        NodeOnLoop.Said said = node.apply();
        assertEquals(0, said.status(), said.text());
        assertTrue(said.text().contains("Nothing to do"), said.text());
        Path more = Files.createDirectory(node.archives.resolve("more"));
        Files.writeString(more.resolve("one.yaml"), NodeOnLoop.sliver("one", "driver: overlay"));
        said = node.applyOf(more);
        assertEquals(0, said.status(), said.text());
        assertTrue(isMounted("one"));
        said = node.run("store", "rebuild-index");
        assertEquals(75, said.status(), said.text());
    }

    @Test
    void aThousandOfWhichATenthAreBrokenDoNotKeepTheOthers() throws Exception {
        List<String> documents = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            String name = "many" + i;
            documents.add(
                    switch (i % 20) {
                        case 7 -> NodeOnLoop.sliver(name, "driver: nosuch");
                        case 13 -> NodeOnLoop.sliver(name, "rootfs: /etc/" + name);
                        default -> NodeOnLoop.sliver(name, "driver: overlay");
                    });
        }
        long before = node.mounts();
        node.write("many.yaml", documents.toArray(new String[0]));
        await(Duration.ofSeconds(90), () -> node.mounts() == before + 900);
        NodeOnLoop.Said said = node.apply();
        assertEquals(1, said.status(), said.text());
        for (int i = 7; i < 1000; i += 20) {
            assertTrue(said.text().contains("many" + i), "many" + i + " is not named");
            assertTrue(said.text().contains("many" + (i + 6)), "many" + (i + 6) + " is not named");
        }
    }

    @Test
    void aSignalEndsItAndLeavesTheMounts() throws Exception {
        agent.signal("HUP");
        agent.signal("TERM");
        assertEquals(0, agent.end(), agent.said());
        assertTrue(isMounted("web"));
        NodeOnLoop.Said said = node.apply();
        assertEquals(0, said.status(), said.text());
        assertTrue(said.text().contains("Nothing to do"), said.text());
    }

    private static int ask(int port, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(2))
                .build();
        try {
            return HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    @Test
    void itTellsWhetherItLivesAndIsReady() throws Exception {
        agent.close();
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        agent = ChildVeneer.start(
                "agent",
                "-f",
                node.files.toString(),
                "--store",
                node.store.toString(),
                "--health-address",
                Integer.toString(port));
        await(Duration.ofSeconds(60), () -> ready(port));
        assertEquals(200, ask(port, "/livez"));
        agent.signal("STOP");
        assertEquals(0, ask(port, "/livez"));
        agent.signal("CONT");
        assertEquals(200, ask(port, "/livez"));
    }

    private static boolean ready(int port) {
        try {
            return ask(port, "/readyz") == 200;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
