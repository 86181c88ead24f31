package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.testkit.ControlPlane;
import dev.veneer.api.testkit.KubernetesApi;
import dev.veneer.node.app.NodeOnLoop.Said;
import dev.veneer.node.store.StoreLayout;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What lies on a node and nobody declares goes when a person says so, and only while the cluster says the same. */
@Execution(ExecutionMode.CONCURRENT)
class ClusterOrphanIT {
    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private ClusterSite site;

    @BeforeEach
    void open() throws Exception {
        site = new ClusterSite(API.plane());
        site.start();
        for (String name : List.of("web", "lost", "kept")) {
            site.apply(site.sliver(name, "driver: overlay", "deletionPolicy: Retain"));
            site.await(() -> site.isReady(name));
        }
        site.delete("kept");
        site.await(() -> site.get("kept").isMissingNode());
        orphan("lost");
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    private void orphan(String name) throws Exception {
        site.agent.kill();
        site.kind("Sliver").inNamespace("default").withName(name).edit(sliver -> {
            sliver.getMetadata().setFinalizers(List.of());
            return sliver;
        });
        site.delete(name);
        site.await(() -> site.get(name).isMissingNode());
        site.start();
        site.await(() -> orphans() == 2);
    }

    /** Whether a command says of anything that it was removed. */
    private static boolean removes(Said said) {
        return said.text().lines().anyMatch(line -> line.matches("(orphan|retained)/\\S+ +removed .*"));
    }

    /** What the agent's socket answers to a line. */
    private String asked(String request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(new StoreLayout(site.node.store.toString()).absoluteSocket()));
            channel.write(StandardCharsets.UTF_8.encode(request + "\n"));
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private int orphans() {
        Object count = site.kind("NodeStore").withName(site.name).get().get("status", "orphans");
        return count instanceof Integer number ? number : -1;
    }

    @Test
    void orphansAreToldAndGoWhenThatIsConfirmed() throws Exception {
        Said told = site.node.run("gc", "--orphans");
        assertEquals(0, told.status(), told.text());
        assertTrue(told.text().contains("orphan/default/lost     would remove"), told.text());
        assertTrue(told.text().contains("retained/default/kept   keep"), told.text());
        assertTrue(told.text().contains("goes only when it is named"), told.text());
        assertTrue(told.text().contains("Nothing was removed"), told.text());
        assertFalse(told.text().contains("default/web"), told.text());
        assertTrue(site.isMounted("lost") && site.isStored("kept"));
        Said unnamed = site.node.run("gc", "--orphans", "--confirm");
        assertEquals(64, unnamed.status(), unnamed.text());
        // What an older command could ask for, or one whose names were lost.
        for (String names : List.of("", ",\"names\":[]", ",\"names\":[],\"all\":false")) {
            String request = "{\"command\":\"orphans\",\"confirmed\":true" + names + "}";
            String answer = asked(request);
            assertTrue(answer.contains("nothing is: name what is to go") && answer.contains("\"exit\":1"), answer);
        }
        assertTrue(site.isMounted("lost") && site.isStored("kept"));
        Said done = site.node.run("gc", "--orphans", "--all", "--confirm");
        assertEquals(0, done.status(), done.text());
        assertTrue(done.text().contains("orphan/default/lost     removed"), done.text());
        assertTrue(done.text().contains("retained/default/kept   keep"), done.text());
        assertFalse(site.isStored("lost") || site.isMounted("lost"));
        assertTrue(site.isMounted("web") && site.isStored("kept"));
        site.await(() -> site.isReady("web") && orphans() == 1);
        told = site.node.run("gc", "--orphans", "default/kept");
        assertTrue(told.text().contains("retained/default/kept   would remove"), told.text());
        assertTrue(site.isStored("kept"));
        done = site.node.run("gc", "--orphans", "default/kept", "--confirm");
        assertEquals(0, done.status(), done.text());
        assertTrue(done.text().contains("retained/default/kept   removed"), done.text());
        assertFalse(site.isStored("kept"));
        site.await(() -> site.isReady("web") && orphans() == 0);
        assertTrue(site.node.run("gc", "--orphans").text().contains("There are no orphans."));
    }

    @Test
    void onlyWhatIsNamedGoesAndNothingWhenOneNameIsWrong() throws Exception {
        for (String wrong : List.of("default/web", "default/nothing", "lab/lost", "default/wrong")) {
            Said said = site.node.run("gc", "--orphans", "default/lost", wrong, "default/kept", "--confirm");
            assertEquals(1, said.status(), said.text());
            assertTrue(said.text().contains(wrong + " (it is "), said.text());
            assertFalse(removes(said), said.text());
        }
        assertEquals(
                64, site.node.run("gc", "--orphans", "../lost", "--confirm").status());
        assertTrue(site.isMounted("web") && site.isMounted("lost") && site.isStored("kept"));
        Said done = site.node.run("gc", "--orphans", "default/kept", "--confirm");
        assertEquals(0, done.status(), done.text());
        assertFalse(done.text().contains("lost"), done.text());
        assertTrue(site.isMounted("lost") && !site.isStored("kept"));
    }

    @Test
    void whatIsDeclaredAgainIsNone() throws Exception {
        site.apply(site.sliver("kept", "driver: overlay", "suspend: true"));
        site.apply(site.sliver("lost", "driver: nosuch"));
        site.await(() -> site.condition("lost", "Ready").startsWith("False"));
        Said done = site.node.run("gc", "--orphans", "--all", "--confirm");
        assertTrue(site.isStored("lost") && site.isStored("kept"), done.text());
    }

    @Test
    void nothingGoesInAPartition() throws Exception {
        site.plane.killServer();
        try {
            for (String[] command :
                    List.of(new String[] {"gc", "--orphans"}, new String[] {"gc", "--orphans", "--all", "--confirm"})) {
                Said said = site.node.run(command);
                assertFalse(removes(said), said.text());
                assertTrue(
                        said.text().contains("cannot be reached") || said.text().contains("nobody can tell"),
                        said.text());
            }
            assertTrue(site.isMounted("lost") && site.isStored("kept"));
            site.agent.kill();
            Said alone = site.node.run("gc", "--orphans", "--all", "--confirm");
            assertEquals(75, alone.status(), alone.text());
            assertTrue(alone.text().contains("no agent answers"), alone.text());
            site.start();
            site.await(() -> site.node
                    .run("gc", "--orphans", "--all", "--confirm")
                    .text()
                    .contains("nobody can tell"));
            assertTrue(site.isMounted("lost") && site.isStored("kept") && site.isMounted("web"));
        } finally {
            site.plane.startServer();
        }
        site.await(() -> site.node.run("gc", "--orphans", "--all", "--confirm").status() == 0);
        assertFalse(site.isStored("lost"));
        assertTrue(site.isMounted("web") && site.isStored("kept"));
    }

    /** Then everything is absent, and nothing of it is meant. */
    @Test
    void nothingGoesWhileTheDefinitionsAreGone() throws Exception {
        try {
            ControlPlane.crds().forEach(crd -> site.client().resource(crd).delete());
            site.await(() -> ControlPlane.crds().stream()
                    .allMatch(crd -> site.client().resource(crd).get() == null));
            Said said = site.node.run("gc", "--orphans", "--all", "--confirm");
            assertFalse(removes(said), said.text());
            assertTrue(site.isMounted("lost") && site.isStored("kept") && site.isMounted("web"));
        } finally {
            site.plane.restoreCrds();
        }
    }
}
