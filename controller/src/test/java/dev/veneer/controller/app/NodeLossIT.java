package dev.veneer.controller.app;

import static dev.veneer.controller.app.PlayedCluster.IMAGES;
import static dev.veneer.controller.app.PlayedCluster.LEASES;
import static dev.veneer.controller.app.PlayedCluster.ONE;
import static dev.veneer.controller.app.PlayedCluster.STORES;
import static dev.veneer.controller.app.PlayedCluster.SYSTEM;
import static dev.veneer.controller.app.PlayedCluster.condition;
import static dev.veneer.controller.app.PlayedCluster.done;
import static dev.veneer.controller.app.PlayedCluster.lease;
import static dev.veneer.controller.app.PlayedCluster.pause;
import static dev.veneer.controller.app.PlayedCluster.ready;
import static dev.veneer.controller.app.PlayedCluster.renew;
import static dev.veneer.controller.app.PlayedCluster.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.api.testkit.Caller;
import dev.veneer.api.testkit.KubernetesApi;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The controller and nodes that are silent, or gone. */
class NodeLossIT {
    private static final String TEAM = "loss-team";
    private static final String HELD = "{\"metadata\":{\"finalizers\":[\"veneer.dev/node-data\"]}}";

    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private static PlayedCluster cluster;

    @BeforeAll
    static void start() {
        cluster = new PlayedCluster(API.plane(), TEAM);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static String sliver(String name) {
        return cluster.slivers + "/" + name;
    }

    @Test
    void aSilentNodeIsLostUntilItReportsAgain() throws InterruptedException {
        AtomicBoolean renewing = new AtomicBoolean(true);
        cluster.image("lost");
        try (Caller silent = cluster.agent("silent");
                Caller lively = cluster.agent("lively")) {
            cluster.sliver("on-silent", "silent", "lost");
            cluster.sliver("on-lively", "lively", "lost");
            done(silent.create(LEASES, lease("silent")));
            done(lively.create(LEASES, lease("lively")));
            Thread renewal = new Thread(() -> {
                while (renewing.get()) {
                    renew(lively, "lively");
                    pause(300);
                }
            });
            renewal.start();
            cluster.report(lively, "lively", "lost", "Ready", ONE);
            cluster.report(silent, "silent", "lost", "Failed", ONE);
            ready(silent, sliver("on-silent"), "Sliver");
            ready(lively, sliver("on-lively"), "Sliver");
            cluster.eventually(IMAGES + "/lost", "Ready", "Failed");
            cluster.eventually(STORES + "/silent", "Ready", "NodeLost");
            cluster.eventually(sliver("on-silent"), "Ready", "NodeLost");
            // Nobody knows whether it fails there yet, and it is not waited for.
            cluster.eventually(IMAGES + "/lost", "Ready", "Succeeded");
            JsonNode there = cluster.read(sliver("on-silent"));
            assertEquals("Unknown", condition(there, "Ready").path("status").asText());
            // What else its agent said stays.
            assertEquals("True", condition(there, "BaseUpToDate").path("status").asText());
            assertEquals("overlay", there.at("/status/driver").asText());

            // The agent is back, and takes back both.
            done(renew(silent, "silent"));
            ready(silent, STORES + "/silent", "NodeStore");
            ready(silent, sliver("on-silent"), "Sliver");
            assertEquals("Succeeded", cluster.reason(sliver("on-silent")));
            // And is lost again when it is silent again.
            cluster.eventually(sliver("on-silent"), "Ready", "NodeLost");
            assertEquals("Succeeded", cluster.reason(sliver("on-lively")));
            renewing.set(false);
            renewal.join();
        } finally {
            renewing.set(false);
            for (String node : new String[] {"silent", "lively"}) {
                cluster.admin.delete(sliver("on-" + node));
                cluster.admin.delete(STORES + "/" + node);
                cluster.admin.delete(LEASES + "/" + node);
            }
            cluster.admin.delete(IMAGES + "/lost");
        }
    }

    @Test
    void deletionsDoNotWaitForNodesThatAreGone() {
        try (Caller gone = cluster.agent("gone");
                Caller there = cluster.agent("there")) {
            for (String node : new String[] {"gone", "there"}) {
                Caller agent = node.equals("gone") ? gone : there;
                cluster.sliver("held-" + node, node, "x");
                done(agent.merge(sliver("held-" + node), HELD));
                cluster.report(agent, node, "x", "Ready", ONE);
                ready(agent, sliver("held-" + node), "Sliver");
            }
            done(cluster.admin.delete("/api/v1/nodes/gone"));
            done(cluster.admin.delete(sliver("held-there")));
            done(cluster.admin.delete(sliver("held-gone")));
            cluster.gone(sliver("held-gone"));
            String events = "/apis/events.k8s.io/v1/namespaces/" + TEAM + "/events";
            until(
                    () -> cluster.admin.get(events).body().contains("node gone has been gone since"),
                    () -> cluster.read(events));

            // Silent too, but its Node object is there: it may come back.
            pause(500);
            assertEquals(200, cluster.admin.get(sliver("held-there")).code());
            done(cluster.admin.merge(
                    sliver("held-there"), "{\"metadata\":{\"annotations\":{\"veneer.dev/abandon\":\"true\"}}}"));
            cluster.gone(sliver("held-there"));
        } finally {
            cluster.admin.delete(STORES + "/gone");
            cluster.admin.delete(STORES + "/there");
        }
    }

    /** A node that is gone before its agent has ever reported holds nothing up either. */
    @Test
    void aNodeThatNobodyEverReportedOnIsGoneToo() {
        try (Caller never = cluster.agent("never")) {
            cluster.sliver("on-never", "never", "x");
            done(never.merge(sliver("on-never"), HELD));
            cluster.store(never, "never");
            cluster.eventually(STORES + "/never", "Ready", "NodeLost");
            done(cluster.admin.delete("/api/v1/nodes/never"));
            done(cluster.admin.delete(sliver("on-never")));
            cluster.gone(sliver("on-never"));
        } finally {
            cluster.admin.delete(STORES + "/never");
        }
    }

    /** One whose Lease lies where nobody looks reports, and is taken for lost again and again: ever more seldom. */
    @Test
    void anAgentWhoseLeaseIsElsewhereIsNotContradictedWithoutEnd() {
        String elsewhere = "loss-elsewhere";
        API.plane().identities().namespace(elsewhere);
        String store = STORES + "/stray";
        int marks = 0;
        try (Caller stray = cluster.agent("stray")) {
            done(cluster.admin.create(PlayedCluster.leases(elsewhere), lease("stray")));
            cluster.report(stray, "stray", "x", "Ready", ONE);
            long end = System.nanoTime() + Duration.ofSeconds(13).toNanos();
            while (System.nanoTime() < end) {
                if (cluster.reason(store).equals("NodeLost")) {
                    marks++;
                    ready(stray, store, "NodeStore");
                }
                pause(50);
            }
            // After about 2, 4 and 8 seconds.
            assertTrue(marks >= 2 && marks <= 3, "said " + marks + " times in 13 s");
            String events = "/apis/events.k8s.io/v1/namespaces/default/events";
            assertTrue(
                    cluster.admin.get(events).body().contains("does not renew its Lease " + SYSTEM + "/stray"),
                    cluster.admin.get(events).body());
        } finally {
            cluster.admin.delete(store);
        }
    }
}
