package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.veneer.api.testkit.ControlPlane;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** etcd goes back to an older backup, as it does after a disaster. */
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
}
