package dev.veneer.controller.app;

import static dev.veneer.controller.app.PlayedCluster.IMAGES;
import static dev.veneer.controller.app.PlayedCluster.ONE;
import static dev.veneer.controller.app.PlayedCluster.STORES;
import static dev.veneer.controller.app.PlayedCluster.TWO;
import static dev.veneer.controller.app.PlayedCluster.condition;
import static dev.veneer.controller.app.PlayedCluster.done;
import static dev.veneer.controller.app.PlayedCluster.pause;
import static dev.veneer.controller.app.PlayedCluster.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.api.testkit.Caller;
import dev.veneer.api.testkit.KubernetesApi;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The controller and base images. */
class ControllerIT {
    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private static PlayedCluster cluster;

    @BeforeAll
    static void start() {
        cluster = new PlayedCluster(API.plane(), "controller-team");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void reportsAreAddedUpAndWhatIsUsedIsKept() {
        String image = IMAGES + "/counted";
        String slivers = cluster.slivers;
        cluster.image("counted");
        cluster.eventually(image, "Ready", "Succeeded");
        assertTrue(cluster.isReady());
        assertEquals(
                "veneer.dev/in-use",
                cluster.read(image).at("/metadata/finalizers/0").asText());
        try (Caller one = cluster.agent("count-1");
                Caller two = cluster.agent("count-2")) {
            cluster.sliver("counted-1", "count-1", "counted");
            cluster.sliver("counted-2", "count-2", "counted");
            cluster.eventually(image, "Ready", "Progressing");
            cluster.report(one, "count-1", "counted", "Ready", ONE);
            until(
                    () -> cluster.read(image).at("/status/nodes/ready").asInt() == 1
                            && cluster.read(image).at("/status/blockedBy/count").asInt() == 2,
                    () -> cluster.read(image));
            JsonNode status = cluster.read(image).path("status");
            assertEquals(ONE, status.path("digest").asText());
            assertEquals(1, status.at("/nodes/importing").asInt());
            assertFalse(status.path("blockedBy").has("first"), status.toString());

            cluster.report(two, "count-2", "counted", "Failed", ONE);
            cluster.eventually(image, "Ready", "Failed");
            assertEquals(1, cluster.read(image).at("/status/nodes/failed").asInt());
            cluster.report(two, "count-2", "counted", "Ready", TWO);
            cluster.eventually(image, "Ready", "DigestMismatch");
            assertEquals(ONE, cluster.read(image).at("/status/digest").asText());
            cluster.report(two, "count-2", "counted", "Ready", ONE);
            cluster.eventually(image, "Ready", "Succeeded");

            done(cluster.admin.delete(image));
            cluster.eventually(image, "Ready", "InUse");
            done(cluster.admin.delete(slivers + "/counted-1"));
            // Edited away from it, the other one uses it until it has moved.
            stands(two, "counted-2", 1, "counted");
            done(cluster.admin.merge(slivers + "/counted-2", "{\"spec\":{\"baseImage\":\"another\"}}"));
            until(() -> cluster.read(image).at("/status/blockedBy/count").asInt() == 1, () -> cluster.read(image));
            stands(two, "counted-2", 2, "another");
            cluster.gone(image);
        } finally {
            cluster.admin.delete(slivers + "/counted-2");
            cluster.admin.delete(STORES + "/count-1");
            cluster.admin.delete(STORES + "/count-2");
        }
    }

    private static void stands(Caller agent, String sliver, int generation, String image) {
        done(agent.merge(
                cluster.slivers + "/" + sliver + "/status",
                "{\"status\":{\"observedGeneration\":%d,\"base\":{\"name\":\"%s\",\"digest\":\"%s\"}}}"
                        .formatted(generation, image, ONE)));
    }

    /** What nodes said of the one that was deleted says nothing of the new one. */
    @Test
    void anImageMadeAnewWithOtherContentIsAnotherOne() {
        String image = IMAGES + "/remade";
        try (Caller old = cluster.agent("remade-1");
                Caller fresh = cluster.agent("remade-2")) {
            cluster.image("remade");
            cluster.report(old, "remade-1", "remade", "Ready", ONE);
            cluster.eventually(image, "Ready", "Succeeded");
            until(() -> cluster.read(image).at("/status/digest").asText().equals(ONE), () -> cluster.read(image));
            done(cluster.admin.delete(image));
            cluster.gone(image);

            cluster.image("remade");
            cluster.sliver("remade", "remade-2", "remade");
            cluster.eventually(image, "Ready", "Progressing");
            cluster.report(fresh, "remade-2", "remade", "Ready", TWO);
            cluster.eventually(image, "Ready", "Succeeded");
            assertEquals(TWO, cluster.read(image).at("/status/digest").asText());
        } finally {
            cluster.admin.delete(cluster.slivers + "/remade");
            cluster.admin.delete(STORES + "/remade-1");
            cluster.admin.delete(STORES + "/remade-2");
            cluster.admin.delete(image);
        }
    }

    @Test
    void whatOnlyCountsIsWrittenSeldom() {
        String image = IMAGES + "/busy";
        cluster.image("busy");
        cluster.eventually(image, "Ready", "Succeeded");
        cluster.sliver("busy-0", "busy-node", "busy");
        cluster.eventually(image, "Ready", "Progressing");
        Set<String> versions = new HashSet<>();
        for (int i = 1; i < 30; i++) {
            cluster.sliver("busy-" + i, "busy-node", "busy");
            pause(40);
            versions.add(cluster.read(image).at("/metadata/resourceVersion").asText());
        }
        assertTrue(versions.size() <= 3, "written " + versions.size() + " times in little more than a second");
        until(() -> cluster.read(image).at("/status/blockedBy/count").asInt() == 30, () -> cluster.read(image));
        for (int i = 0; i < 30; i++) {
            done(cluster.admin.delete(cluster.slivers + "/busy-" + i));
        }
        done(cluster.admin.delete(image));
        cluster.gone(image);
    }

    /** Definitions of a newer version may have words that this one does not know. */
    @Test
    void whatANewerVersionSaysIsReadWithoutItsNewWords() {
        try {
            Definitions.add(API.plane(), "slivers.veneer.dev", List.of("spec", "deletionPolicy"), "Archive");
            Definitions.add(
                    API.plane(), "slivers.veneer.dev", List.of("spec", "update", "windows", "days"), "Caturday");
            Definitions.add(API.plane(), "nodestores.veneer.dev", List.of("status", "baseImages", "state"), "Melting");
            cluster.image("newer");
            String newer =
                    """
                    {"apiVersion":"veneer.dev/v1alpha1","kind":"Sliver","metadata":{"name":"newer"},
                     "spec":{"nodeName":"newer-node","baseImage":"newer","deletionPolicy":"Archive","update":{"windows":
                     [{"days":["Caturday","Mon"],"from":"02:00","to":"04:00"}]}}}""";
            until(
                    () -> cluster.admin.create(cluster.slivers, newer).done(),
                    () -> cluster.admin.create(cluster.slivers, newer));
            try (Caller agent = cluster.agent("newer-node")) {
                cluster.report(agent, "newer-node", "newer", "Melting", ONE);
            }
            // One that starts now has to list them, too.
            cluster.handOver();
            until(
                    () -> cluster.read(IMAGES + "/newer")
                                    .at("/status/blockedBy/count")
                                    .asInt()
                            == 1,
                    () -> cluster.read(IMAGES + "/newer"));
            assertEquals(
                    "Progressing",
                    condition(cluster.read(IMAGES + "/newer"), "Ready")
                            .path("reason")
                            .asText());
        } finally {
            cluster.admin.delete(cluster.slivers + "/newer");
            cluster.admin.delete(STORES + "/newer-node");
            cluster.admin.delete(IMAGES + "/newer");
            API.plane().restoreCrds();
        }
    }

    /** When the replica that works ends, the other one does. */
    @Test
    void anotherReplicaTakesOver() {
        cluster.handOver();
        String image = IMAGES + "/taken-over";
        cluster.image("taken-over");
        cluster.eventually(image, "Ready", "Succeeded");
        done(cluster.admin.delete(image));
        cluster.gone(image);
    }
}
