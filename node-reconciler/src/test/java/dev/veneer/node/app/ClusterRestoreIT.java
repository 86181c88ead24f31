package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.testkit.ControlPlane;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** etcd goes back to an older backup, as it does after a disaster. */
@Execution(ExecutionMode.CONCURRENT)
class ClusterRestoreIT {
    @Test
    void aSliverOlderThanItsDataIsDeletedWithoutThem() throws Exception {
        try (ControlPlane plane = ControlPlane.start();
                ClusterSite site = new ClusterSite(plane)) {
            site.start();
            site.apply(site.sliver("web", "driver: overlay"));
            site.await(() -> site.isReady("web"));
            plane.backUp();
            site.apply(site.sliver("web", "driver: overlay", "keepPrevious: 1h"));
            site.apply(site.sliver("web", "driver: overlay", "keepPrevious: 2h"));
            site.await(() -> site.isReady("web"));
            site.apply(site.sliver("web", "driver: overlay", "keepPrevious: 3h"));
            site.await(() -> site.isReady("web"));
            Files.writeString(site.node.rootfs("web").resolve("mine"), "kept\n");
            plane.restore();
            // A watch of what is newer than the server is not mended by waiting: as after any restore, agents are
            // restarted.
            site.stop();
            site.start();
            site.await(
                    Duration.ofMinutes(2), () -> site.condition("web", "Ready").equals("False OtherObject"));
            site.delete("web");
            site.await(() -> site.get("web").isMissingNode());
            Thread.sleep(2000);
            assertEquals("kept\n", Files.readString(site.node.rootfs("web").resolve("mine")));
            site.await(() -> site.orphans() == 1);
        }
    }

    /** The steps of docs/kubernetes.md, "Back up and restore", one after the other. */
    @Test
    void theRunbook() throws Exception {
        try (ControlPlane plane = ControlPlane.start();
                ClusterSite site = new ClusterSite(plane)) {
            site.start();
            for (String name : new String[] {"same", "edited", "deleted"}) {
                make(site, name);
            }
            plane.backUp();
            site.apply(site.sliver("edited", "driver: overlay", "keepPrevious: 1h"));
            site.await(() -> site.isReady("edited"));
            site.apply(site.sliver("edited", "driver: overlay", "keepPrevious: 2h"));
            site.await(() -> site.isReady("edited"));
            site.delete("deleted");
            site.await(() -> !site.isStored("deleted"));
            make(site, "younger");
            make(site, "unwanted");
            // 1. etcd is restored, and the agents are restarted.
            plane.restore();
            site.stop();
            site.start();
            // 2. What is held says so; nothing has gone.
            site.await(
                    Duration.ofMinutes(2),
                    () -> site.condition("edited", "Ready").equals("False OtherObject")
                            && site.condition("deleted", "Ready").equals("False DataMissing")
                            && site.orphans() == 2);
            site.await(() -> site.isReady("same"));
            // 3. What is younger than the backup is declared again.
            site.apply(site.sliver("younger", "driver: overlay"));
            site.apply(site.sliver("edited", "driver: overlay", "keepPrevious: 2h"));
            site.await(() -> site.condition("younger", "Ready").equals("False OtherObject"));
            // 4. What was deleted after the backup is deleted again.
            site.delete("deleted");
            site.await(() -> site.get("deleted").isMissingNode());
            // 5. The operator has the nodes take up what lies there.
            site.adoptAll("true");
            site.await(() -> site.isReady("younger") && site.isReady("edited"));
            site.adoptAll(null);
            for (String name : new String[] {"same", "edited", "younger", "unwanted"}) {
                assertEquals(name, Files.readString(site.node.rootfs(name).resolve("mine")));
            }
            // 6. What is left is removed, when it is confirmed.
            site.await(() -> site.orphans() == 1);
            assertEquals(
                    0, site.node.run("gc", "--orphans", "--all", "--confirm").status());
            site.await(() -> !site.isStored("unwanted") && site.orphans() == 0);
            assertTrue(site.isStored("same") && site.isStored("edited") && site.isStored("younger"));
        }
    }

    /**
     * The backup is of while a Sliver was being deleted and its node was away, and the operator had just told all slivers to
     * take up what they find. The Sliver was made anew since.
     */
    @Test
    void anOldDeletionIsNoOrderForYoungerData() throws Exception {
        try (ControlPlane plane = ControlPlane.start();
                ClusterSite site = new ClusterSite(plane)) {
            site.start();
            make(site, "other");
            make(site, "web");
            site.adoptAll("true");
            site.stop();
            site.delete("web");
            String deleted = site.get("web").at("/metadata/uid").asText();
            plane.backUp();
            site.start();
            site.await(() -> site.get("web").isMissingNode() && !site.isStored("web"));
            make(site, "web");
            site.stop();
            plane.restore();
            assertEquals(deleted, site.get("web").at("/metadata/uid").asText());
            assertTrue(site.get("web").at("/metadata/deletionTimestamp").isTextual());
            site.start();
            site.await(Duration.ofMinutes(2), () -> site.get("web").isMissingNode());
            site.await(() -> site.orphans() == 1 && site.isReady("other"));
            assertEquals("web", Files.readString(site.node.rootfs("web").resolve("mine")));
            // Declared again, it has them.
            site.apply(site.sliver("web", "driver: overlay"));
            site.await(() -> site.isReady("web") && site.orphans() == 0);
            assertEquals("web", Files.readString(site.node.rootfs("web").resolve("mine")));
        }
    }

    private static void make(ClusterSite site, String name) throws Exception {
        site.apply(site.sliver(name, "driver: overlay"));
        site.await(() -> site.isReady(name));
        Files.writeString(site.node.rootfs(name).resolve("mine"), name);
    }
}
