package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.testkit.KubernetesApi;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The packaged distribution has all that the agent of a cluster needs. */
class ClusterLauncherIT {
    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    @Test
    void theDistributionsAgentServesACluster() throws Exception {
        try (ClusterSite site = new ClusterSite(API.plane())) {
            String launcher =
                    Path.of("target/veneer/bin/veneer").toAbsolutePath().toString();
            site.agent = site.start(List.of(launcher), site.node.store, site.name);
            site.apply(site.sliver("web", "driver: overlay"));
            site.await(() -> site.isReady("web"));
            site.await(() -> site.events("web").contains("CreateSliver"));
            site.delete("web");
            site.await(() -> site.get("web").isMissingNode());
            site.agent.signal("TERM");
            assertEquals(0, site.agent.end(), site.agent.said());
            assertTrue(!site.agent.said().contains("Exception"), site.agent.said());
        }
    }
}
