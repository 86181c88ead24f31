package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.veneer.api.testkit.KubernetesApi;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Many slivers at once, some of them wrong. */
class ClusterManyIT {
    private static final int MANY = 500;
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    @Test
    void hundredsBecomeReadyAndGo() throws Exception {
        try (ClusterSite site = new ClusterSite(API.plane())) {
            site.start();
            for (int i = 0; i < MANY; i++) {
                site.apply(site.sliver("many-" + i, i % 50 == 7 ? "driver: nosuch" : "driver: overlay"));
            }
            site.await(Duration.ofMinutes(2), () -> ready(site) == MANY - MANY / 50);
            for (int i = 7; i < MANY; i += 50) {
                String wrong = "many-" + i;
                site.await(() -> site.condition(wrong, "Stalled").equals("True InvalidSpec"));
            }
            site.kind("Sliver").inNamespace("default").delete();
            site.await(Duration.ofMinutes(2), () -> slivers(site).isEmpty());
            assertTrue(!site.isStored("many-0") && !site.isStored("many-499"));
            assertEquals(1, site.node.mounts());
        }
    }

    private static List<GenericKubernetesResource> slivers(ClusterSite site) {
        return site.kind("Sliver").inNamespace("default").list().getItems();
    }

    private static long ready(ClusterSite site) {
        return slivers(site).stream()
                .filter(sliver -> {
                    JsonNode tree = JSON.valueToTree(sliver);
                    for (JsonNode condition : tree.at("/status/conditions")) {
                        if (condition.path("type").asText().equals("Ready")) {
                            return condition.path("status").asText().equals("True");
                        }
                    }
                    return false;
                })
                .count();
    }
}
