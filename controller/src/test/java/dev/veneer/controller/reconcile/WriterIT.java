package dev.veneer.controller.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.veneer.api.Conditions;
import dev.veneer.api.testkit.Caller;
import dev.veneer.api.testkit.ControlPlane;
import dev.veneer.api.testkit.KubernetesApi;
import dev.veneer.api.v1alpha1.Condition;
import dev.veneer.api.v1alpha1.Sliver;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is written is of the object that was looked at, as it was then, by a real API server. */
class WriterIT {
    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private static final String TEAM = "writer-team";
    private static final String SLIVERS = "/apis/veneer.dev/v1alpha1/namespaces/" + TEAM + "/slivers";
    private static final String WEB = SLIVERS + "/web";

    private Caller admin;
    private KubernetesClient client;
    private Writer writer;

    @BeforeEach
    void open() {
        ControlPlane plane = API.plane();
        plane.identities().namespace(TEAM);
        admin = new Caller(plane, plane.adminToken());
        client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(plane.kubeconfig()))
                .build();
        writer = new Writer(client, "tests");
        make();
    }

    @AfterEach
    void close() {
        admin.merge(WEB, "{\"metadata\":{\"finalizers\":null}}");
        admin.delete(WEB);
        admin.close();
        client.close();
    }

    private void make() {
        Caller.Reply made = admin.create(
                SLIVERS,
                """
                {"apiVersion":"veneer.dev/v1alpha1","kind":"Sliver","metadata":{"name":"web"},
                 "spec":{"nodeName":"n","baseImage":"x"}}""");
        assertTrue(made.done(), made.toString());
    }

    private Sliver web() {
        return client.resources(Sliver.class).inNamespace(TEAM).withName("web").get();
    }

    private JsonNode ready() throws Exception {
        return new ObjectMapper().readTree(admin.get(WEB).body()).at("/status/conditions/0/status");
    }

    private static Condition lost() {
        return new Condition(
                Conditions.READY,
                Condition.Status.Unknown,
                0L,
                Instant.EPOCH.toString(),
                "NodeLost",
                "nobody hears of it");
    }

    @Test
    void theStatusOfOneThatIsGoneIsNotThatOfTheNext() throws Exception {
        Sliver first = web();
        writer.ready(first, lost());
        assertEquals("Unknown", ready().asText());
        assertTrue(admin.delete(WEB).done());
        make();
        assertThrows(KubernetesClientException.class, () -> writer.ready(first, lost()));
        assertTrue(ready().isMissingNode(), ready().toString());
        writer.ready(web(), lost());
        assertEquals("Unknown", ready().asText());
    }

    @Test
    void whatWasSaidMeanwhileStays() throws Exception {
        Sliver before = web();
        admin.merge(WEB, "{\"metadata\":{\"finalizers\":[\"example.org/mine\"]}}");
        assertThrows(KubernetesClientException.class, () -> writer.ready(before, lost()));
        assertThrows(KubernetesClientException.class, () -> writer.putFinalizer(before, "example.org/other"));
        assertEquals(1, web().getMetadata().getFinalizers().size());
    }

    @Test
    void oneThatIsGoneNeedsNoWrite() {
        Sliver first = web();
        assertTrue(admin.delete(WEB).done());
        writer.ready(first, lost());
        writer.takeFinalizerOff(first, "example.org/mine");
        assertEquals(null, web());
    }
}
