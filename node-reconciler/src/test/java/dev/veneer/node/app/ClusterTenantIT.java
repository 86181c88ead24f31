package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.api.testkit.KubernetesApi;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What tenants may ask for is for the agent to say too: here there is no admission policy. */
@Execution(ExecutionMode.CONCURRENT)
class ClusterTenantIT {
    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private ClusterSite site;
    private String team;

    @BeforeEach
    void open() throws Exception {
        site = new ClusterSite(API.plane());
        team = "team-" + site.name;
        site.plane.identities().namespace(team);
        label(null);
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    private void label(@Nullable String value) {
        site.client().namespaces().withName(team).edit(namespace -> {
            Map<String, String> labels = new HashMap<>();
            if (value != null) {
                labels.put("veneer.dev/trusted", value);
            }
            namespace.getMetadata().setLabels(labels);
            return namespace;
        });
    }

    private String sliver(String name) {
        return team + "/" + name;
    }

    private Path asked(String name) {
        return site.node.store.resolve("rootfs/asked").resolve(name);
    }

    private String reaching(String name, String... more) {
        return site.sliver(sliver(name), "driver: overlay", "rootfs: " + asked(name), String.join("\n  ", more));
    }

    private String message(String sliver) {
        for (JsonNode condition : site.get(sliver).at("/status/conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                return condition.path("message").asText();
            }
        }
        return "";
    }

    private boolean isAtAsked(String name) throws Exception {
        return site.node.mountedAt(asked(name)).size() == 1;
    }

    @Test
    void theLabelOpensAndItsLossClosesForWhatIsNew() throws Exception {
        site.start();
        site.apply(reaching("web"));
        site.apply(site.sliver(sliver("plain"), "driver: overlay"));
        site.await(() -> site.isReady(sliver("plain")));
        site.await(() -> site.condition(sliver("web"), "Stalled").equals("True NotAllowed"));
        assertTrue(
                message(sliver("web")).contains("spec.rootfs is only for namespaces with the label"),
                message(sliver("web")));
        assertFalse(site.isStored(sliver("web")));
        label("yes");
        Thread.sleep(2000);
        assertFalse(site.isStored(sliver("web")));
        label("true");
        site.await(() -> site.isReady(sliver("web")) && isAtAsked("web"));
        Files.writeString(asked("web").resolve("mine"), "kept\n");

        label(null);
        site.apply(reaching("late"));
        site.await(() -> site.condition(sliver("late"), "Stalled").equals("True NotAllowed"));
        assertFalse(site.isStored(sliver("late")));
        assertTrue(site.isReady(sliver("web")));
        site.unmount(asked("web"));
        site.await(() -> isAtAsked("web"));
        // An edit is as new as a sliver: what was in force stays.
        site.apply(reaching("web", "instanceSerial: 2"));
        site.await(() -> site.condition(sliver("web"), "Stalled").equals("True NotAllowed"));
        assertEquals("kept\n", Files.readString(asked("web").resolve("mine")));
        site.apply(reaching("web"));
        site.await(() -> site.isReady(sliver("web")));
        // Started anew, the agent has to find out again, and destroys nothing on the way.
        site.agent.kill();
        site.start();
        site.await(() -> site.condition(sliver("late"), "Stalled").equals("True NotAllowed"));
        assertEquals("kept\n", Files.readString(asked("web").resolve("mine")));
        site.delete(sliver("web"));
        site.await(() -> site.get(sliver("web")).isMissingNode());
        assertFalse(site.isStored(sliver("web")));
    }

    @Test
    void whatCannotBeReadHolds() throws Exception {
        AgentRole.withoutNamespaces(site.plane);
        try {
            site.start();
            site.apply(reaching("web"));
            site.apply(site.sliver(sliver("plain"), "driver: overlay"));
            site.await(() -> site.isReady(sliver("plain")));
            label("true");
            site.await(() -> site.condition(sliver("web"), "Ready").equals("False Progressing"));
            assertTrue(message(sliver("web")).contains("labels of namespace " + team + " can be read"));
            assertFalse(site.isStored(sliver("web")));
        } finally {
            AgentRole.tokenFor(site.plane, site.name);
        }
        site.await(() -> site.isReady(sliver("web")));
    }

    @Test
    void aBaseImageIsForTheNamespacesThatItNames() throws Exception {
        String archive = site.node.archives.resolve("base.tar").toUri().toString();
        site.apply(NodeOnLoop.image(site.base("closed"), archive, "allowedNamespaces: [default]"));
        site.start();
        String closed = site.sliver(sliver("web"), "driver: overlay").replace(site.base("base"), site.base("closed"));
        site.apply(closed);
        site.await(() -> site.condition(sliver("web"), "Stalled").equals("True NotAllowed"));
        assertTrue(message(sliver("web")).contains("spec.allowedNamespaces does not name it"), message(sliver("web")));
        assertFalse(Files.exists(site.node.store.resolve("images/" + site.base("closed") + ".json")));
        site.apply(NodeOnLoop.image(site.base("closed"), archive, "allowedNamespaces: [default, " + team + "]"));
        site.await(() -> site.isReady(sliver("web")));
        site.apply(NodeOnLoop.image(site.base("closed"), archive, "allowedNamespaces: [default]"));
        site.apply(closed.replace("driver: overlay", "driver: overlay\n  desiredState: Registered"));
        site.await(() -> site.isReady(sliver("web")) && !site.isMounted(sliver("web")));
        site.apply(site.sliver(sliver("other"), "driver: overlay"));
        site.await(() -> site.isReady(sliver("other")));
        site.apply(site.sliver(sliver("other"), "driver: overlay").replace(site.base("base"), site.base("closed")));
        site.await(() -> site.condition(sliver("other"), "Stalled").equals("True NotAllowed"));
        assertTrue(site.isMounted(sliver("other")));
        assertEquals(
                List.of(),
                site.kind("BaseImage").list().getItems().stream()
                        .filter(image -> image.toString().contains("blockedBy"))
                        .toList());
    }
}
