package dev.veneer.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.api.testkit.Caller;
import dev.veneer.api.testkit.ControlPlane;
import dev.veneer.api.testkit.KubernetesApi;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is said of an object becomes the status of no other one of its name, by a real API server. */
class StatusOfAnotherIT {
    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TEAM = "another-team";
    private static final String SLIVERS = "/apis/veneer.dev/v1alpha1/namespaces/" + TEAM + "/slivers";
    private static final ObjectRef WEB = ObjectRef.of(new SliverId(TEAM, "web"));

    private Caller admin;
    private Path kubeconfig;
    private ApiServer server;
    private Events events;
    private StatusWriter writer;

    @BeforeEach
    void open() throws Exception {
        ControlPlane plane = API.plane();
        plane.identities().namespace(TEAM);
        admin = new Caller(plane, plane.adminToken());
        kubeconfig = Files.createTempFile("veneer-another-", ".yaml");
        Files.writeString(kubeconfig, plane.kubeconfig());
        Duration patience = Duration.ofSeconds(10);
        WatchSpans spans = new WatchSpans(patience);
        server = new ApiServer(Connection.client(kubeconfig, spans, patience), spans, patience, Clock.systemUTC());
        events = new Events(server, "n", Clock.systemUTC());
        writer = new StatusWriter(server, events, new RateLimit(100, 100));
        make();
    }

    @AfterEach
    void close() throws Exception {
        events.close();
        server.client().close();
        admin.delete(SLIVERS + "/web");
        admin.close();
        Files.delete(kubeconfig);
    }

    private void make() {
        Caller.Reply made = admin.create(
                SLIVERS,
                """
                {"apiVersion":"veneer.dev/v1alpha1","kind":"Sliver","metadata":{"name":"web"},
                 "spec":{"nodeName":"n","baseImage":"x"}}""");
        assertTrue(made.done(), made.toString());
    }

    private JsonNode web() throws Exception {
        return JSON.readTree(admin.get(SLIVERS + "/web").body());
    }

    private static ObjectNode revision(int number) {
        return JSON.createObjectNode().put("observedGeneration", 1).put("revision", number);
    }

    @Test
    void oneThatIsGoneLeavesTheNextAlone() throws Exception {
        JsonNode first = web();
        assertEquals(StatusWriter.LAG, writer.write(WEB, first, revision(3)));
        assertTrue(admin.delete(SLIVERS + "/web").done());
        make();
        assertNotNull(writer.write(WEB, first, revision(4)));
        assertTrue(web().at("/status/revision").isMissingNode(), web().toString());
    }

    private void label(int value) {
        admin.merge(SLIVERS + "/web", "{\"metadata\":{\"labels\":{\"a\":\"" + value + "\"}}}");
    }

    @Test
    void whatWasNotSeenYetIsNoHindrance() throws Exception {
        JsonNode first = web();
        assertEquals(StatusWriter.LAG, writer.write(WEB, first, revision(3)));
        Thread.sleep(1100);
        assertEquals(StatusWriter.LAG, writer.write(WEB, first, revision(4)));
        assertEquals(4, web().at("/status/revision").asInt());
        // One that somebody edits all the time gets its status all the same.
        for (int i = 0; i < 3; i++) {
            label(i);
            Thread.sleep(1100);
            writer.write(WEB, first, revision(5));
        }
        assertEquals(5, web().at("/status/revision").asInt());
    }
}
