package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.testkit.KubernetesApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An agent is replaced by another while it moves a sliver to another base, as a roll-out of its DaemonSet may do. */
@Execution(ExecutionMode.CONCURRENT)
class ClusterUpgradeIT {
    /** So many that the new revision is not there at once. */
    private static final int FILES = 5000;

    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private ClusterSite site;

    @BeforeEach
    void open() throws Exception {
        site = new ClusterSite(API.plane());
        site.apply(NodeOnLoop.image(
                site.base("next"), site.node.archive("next", "etc/motd", "welcome\n", "usr/one", "1\n")));
        site.start();
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web"));
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    /** Whether a second revision of the sliver is being made, or is there. */
    private boolean isMoving() throws IOException {
        Path revisions = site.node.store.resolve("slivers/default/web/revisions");
        try (Stream<Path> staged = Files.list(site.node.store.resolve("staging"))) {
            return staged.findAny().isPresent() || Files.exists(revisions.resolve("2"));
        }
    }

    /** TERM is what a roll-out sends; KILL what the kubelet sends when that takes too long, or a node that runs out of memory. */
    @ParameterizedTest
    @ValueSource(strings = {"TERM", "KILL"})
    void theNextAgentEndsWhatTheOneBeforeHasBegun(String signal) throws Exception {
        Path mine = Files.createDirectory(site.rootfs("web").resolve("mine"));
        for (int i = 0; i < FILES; i++) {
            Files.writeString(mine.resolve("file-" + i), "kept " + i + "\n");
        }
        site.apply(site.sliver("web", "driver: overlay").replace(site.base("base"), site.base("next")));
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!isMoving()) {
            assertTrue(System.nanoTime() - end < 0, "no move begins");
            Thread.sleep(1);
        }
        site.agent.signal(signal);
        site.agent.end();
        assertEquals(
                site.base("base"),
                site.get("web").at("/status/base/name").asText(),
                "it was not in the midst of the move");

        site.start();
        site.await(() -> site.isReady("web")
                && site.get("web").at("/status/base/name").asText().equals(site.base("next")));
        assertEquals("welcome\n", Files.readString(site.rootfs("web").resolve("etc/motd")));
        mine = site.rootfs("web").resolve("mine");
        for (int i = 0; i < FILES; i++) {
            assertEquals("kept " + i + "\n", Files.readString(mine.resolve("file-" + i)));
        }
        site.await(() -> site.isMounted("web") && !isStaged());
        site.await(() -> site.events("web").contains("Rebase"));
        assertEquals(1, Collections.frequency(site.events("web"), "Rebase"));
        assertFalse(site.condition("web", "BaseUpToDate").startsWith("False"), site.condition("web", "BaseUpToDate"));
    }

    private boolean isStaged() throws IOException {
        try (Stream<Path> staged = Files.list(site.node.store.resolve("staging"))) {
            return staged.findAny().isPresent();
        }
    }
}
