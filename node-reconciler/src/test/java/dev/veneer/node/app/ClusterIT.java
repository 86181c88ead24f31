package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.api.testkit.KubernetesApi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The agent of a node of a real API server, from a sliver's creation to its deletion. */
class ClusterIT {
    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private ClusterSite site;

    @BeforeEach
    void open() throws Exception {
        site = new ClusterSite(API.plane());
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    @Test
    void aSliverBecomesReadyIsEditedAndGoes() throws Exception {
        site.start();
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web"));
        assertTrue(site.isMounted("web"));
        JsonNode web = site.get("web");
        assertEquals(
                "[\"veneer.dev/node-data\"]", web.at("/metadata/finalizers").toString());
        assertEquals(site.name, web.at("/status/store").asText());
        for (JsonNode condition : web.at("/status/conditions")) {
            assertEquals(1, condition.path("observedGeneration").asLong(), condition.toString());
        }
        site.apply(site.sliver("web", "driver: overlay", "desiredState: Registered"));
        site.await(() -> site.isReady("web") && !site.isMounted("web"));
        site.delete("web");
        site.await(() -> site.get("web").isMissingNode());
        assertFalse(site.isStored("web"));
    }
}
