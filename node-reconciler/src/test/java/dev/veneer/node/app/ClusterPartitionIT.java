package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.veneer.api.testkit.KubernetesApi;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** An agent that is started while its API server is away does what it had been told, also what it had not begun. */
@Execution(ExecutionMode.CONCURRENT)
class ClusterPartitionIT {
    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private ClusterSite site;

    @BeforeEach
    void open() throws Exception {
        site = new ClusterSite(API.plane());
        site.start();
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web"));
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    private Path declared() {
        return site.node.store.resolve("declared");
    }

    /** A sliver that cannot be made, for its base image is not there yet; returns once the agent has said so. */
    private void declareLate(String... slivers) throws Exception {
        String url = site.node.archives.resolve("late.tar").toUri().toString();
        site.apply(NodeOnLoop.image(site.base("late"), url));
        for (String sliver : slivers) {
            site.apply(site.sliver(sliver, "driver: overlay").replace(site.base("base"), site.base("late")));
        }
        for (String sliver : slivers) {
            site.await(() -> site.condition(sliver, "Ready").equals("False BaseImageNotReady"));
        }
    }

    private void provideLate() throws Exception {
        site.node.archive("late", "etc/motd", "late\n");
    }

    private void partition() throws Exception {
        site.plane.killServer();
        site.agent.kill();
    }

    @Test
    void whatWasDeclaredAndNeverMadeIsMade() throws Exception {
        declareLate("new", "newer");
        // Told and not yet done: an edit of one that is there, and one that waits for nothing but its label.
        site.apply(site.sliver("parked", "driver: overlay", "desiredState: Registered"));
        site.await(() -> site.isReady("parked"));
        site.agent.kill();
        site.apply(site.sliver("web", "driver: overlay", "instanceSerial: 2"));
        Files.writeString(site.node.rootfs("web").resolve("old"), "of the first instance\n");
        site.plane.killServer();
        String before = "";
        try {
            provideLate();
            site.start();
            site.await(() -> site.isMounted("new") && site.isMounted("newer") && site.isMounted("web"));
            assertEquals("late\n", Files.readString(site.node.rootfs("new").resolve("etc/motd")));
            // The edit was made while there was no agent: nobody has told this one of it.
            assertTrue(Files.exists(site.node.rootfs("web").resolve("old")));
            site.await(() -> freshness("sliver", "new").contains("it was heard of last at 20"));
            site.await(() -> freshness("nodestore", site.name).contains("it was heard of last at 20"));
            before = Files.readString(site.node.store.resolve("slivers/default/new/record.json"));
        } finally {
            site.plane.startServer();
        }
        site.await(() -> site.isReady("new") && site.isReady("newer") && site.isReady("web"));
        assertFalse(Files.exists(site.node.rootfs("web").resolve("old")));
        assertEquals(2, site.get("web").at("/status/revision").asInt());
        assertEquals("True Succeeded", site.condition("new", "DesiredStateFresh"));
        site.await(() -> storeCondition("DesiredStateFresh").equals("True Succeeded"));
        assertEquals(before, Files.readString(site.node.store.resolve("slivers/default/new/record.json")));
        site.delete("new");
        site.await(() -> site.get("new").isMissingNode() && !site.isStored("new"));
    }

    private String freshness(String kind, String name) throws Exception {
        JsonNode object = new ObjectMapper()
                .readTree(site.node.run("get", kind, name, "-o", "json").text());
        for (JsonNode condition : object.at("/status/conditions")) {
            if (condition.path("type").asText().equals("DesiredStateFresh")) {
                return condition.path("message").asText();
            }
        }
        return "";
    }

    private String storeCondition(String type) {
        JsonNode store = new ObjectMapper()
                .valueToTree(site.kind("NodeStore").withName(site.name).get());
        for (JsonNode condition : store.at("/status/conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText() + " "
                        + condition.path("reason").asText();
            }
        }
        return "";
    }

    /** Slivers that nothing happens to are not written when the API server is back. */
    @Test
    void nothingFlapsWhenItIsBack() throws Exception {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            names.add("calm-" + i);
            site.apply(site.sliver("calm-" + i, "driver: overlay"));
        }
        site.await(() -> names.stream().allMatch(site::isReady)
                && names.stream()
                        .allMatch(name -> site.get(name).at("/status/usage").isObject()));
        Thread.sleep(3000);
        Map<String, String> versions = versions(names);
        partition();
        try {
            site.start();
            site.await(() -> freshness("sliver", "calm-7").contains("has not been reached since the agent began"));
        } finally {
            site.plane.startServer();
        }
        site.apply(site.sliver("after", "driver: overlay"));
        site.await(() -> site.isReady("after"));
        Thread.sleep(8000);
        assertEquals(versions, versions(names));
    }

    private Map<String, String> versions(List<String> names) {
        Map<String, String> versions = new java.util.TreeMap<>();
        names.forEach(name -> versions.put(
                name,
                site.get(name).at("/metadata/resourceVersion").asText() + " "
                        + site.get(name).path("status")));
        return versions;
    }

    @Test
    void whatTheStoreKeepsMayBeDamaged() throws Exception {
        declareLate("new", "newer", "newest");
        partition();
        try {
            provideLate();
            Path cut = declared().resolve("sliver.default.new.json");
            Files.writeString(cut, Files.readString(cut).substring(0, 100));
            Path hostile = declared().resolve("sliver.default.newer.json");
            Files.writeString(hostile, Files.readString(hostile).replace("overlay", "../../../etc"));
            Files.writeString(declared().resolve("sliver.default.web.json"), "");
            site.start();
            site.await(() -> site.isMounted("newest") && site.isMounted("web"));
            assertTrue(site.agent.said().contains("sliver.default.new.json is left out"), site.agent.said());
            assertFalse(site.isStored("new"));
            assertFalse(site.isStored("newer"));
        } finally {
            site.plane.startServer();
        }
        site.await(() -> site.isReady("new") && site.isReady("newer") && site.isReady("newest"));
    }

    /** As a store that an agent of the version before has used: nothing is kept but records. */
    @Test
    void aStoreThatKeepsNothingIsNoWorseOffThanItWas() throws Exception {
        declareLate("new");
        partition();
        try {
            provideLate();
            try (Stream<Path> all = Files.list(declared())) {
                for (Path path : (Iterable<Path>) all::iterator) {
                    Files.delete(path);
                }
            }
            Files.delete(declared());
            site.unmount(site.node.rootfs("web"));
            site.start();
            site.await(() -> site.isMounted("web"));
            assertFalse(site.isStored("new"));
            site.await(() -> freshness("sliver", "web").contains("not been reached since the agent began:"));
        } finally {
            site.plane.startServer();
        }
        site.await(() -> site.isReady("new"));
        assertTrue(Files.exists(declared().resolve("sliver.default.new.json")));
    }

    /** What vanished meanwhile is an orphan, and what was never made is not made. */
    @Test
    void whatIsGoneWhenItIsBackIsNotMade() throws Exception {
        declareLate("new");
        site.agent.kill();
        site.kind("Sliver").inNamespace("default").withName("new").edit(sliver -> {
            sliver.getMetadata().setFinalizers(List.of());
            return sliver;
        });
        site.delete("new");
        site.await(() -> site.get("new").isMissingNode());
        site.start();
        site.await(() -> !Files.exists(declared().resolve("sliver.default.new.json")));
        provideLate();
        site.apply(site.sliver("other", "driver: overlay"));
        site.await(() -> site.isReady("other"));
        assertFalse(site.isStored("new"));
    }
}
