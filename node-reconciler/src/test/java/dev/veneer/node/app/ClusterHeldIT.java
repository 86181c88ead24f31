package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.veneer.api.testkit.KubernetesApi;
import dev.veneer.node.testkit.Commands;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** When nothing may be made, taken up or let go of, though somebody declares or deletes it. */
@Execution(ExecutionMode.CONCURRENT)
class ClusterHeldIT {
    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FOREIGN = "example.com/foreign";
    private static final String ADOPT = "veneer.dev/adopt";

    private ClusterSite site;

    @BeforeEach
    void open() throws Exception {
        site = new ClusterSite(API.plane());
        site.start();
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    private void finalizers(String... names) {
        site.kind("Sliver").inNamespace("default").withName("web").edit(web -> {
            web.getMetadata().setFinalizers(List.of(names));
            return web;
        });
    }

    private String finalizers() {
        return site.get("web").at("/metadata/finalizers").toString();
    }

    @Test
    void whatIsRetainedDoesNotComeBackWhileItsObjectGoes() throws Exception {
        site.apply(site.sliver("web", "driver: overlay", "deletionPolicy: Retain"));
        site.await(() -> site.isReady("web"));
        finalizers("veneer.dev/node-data", FOREIGN);
        site.delete("web");
        site.await(() -> finalizers().equals("[\"" + FOREIGN + "\"]"));
        for (int round = 0; round < 2; round++) {
            Thread.sleep(3000);
            assertFalse(site.isMounted("web"));
            assertTrue(site.isStored("web"));
            site.stop();
            site.start();
            site.await(() -> site.agent.said().contains("for the store"));
            Thread.sleep(1000);
        }
        finalizers(new String[0]);
        site.await(() -> site.get("web").isMissingNode());
        assertTrue(site.isStored("web"));
    }

    @Test
    void aDamagedOneIsNotLetGoOf() throws Exception {
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web"));
        site.stop();
        Path record = site.node.store.resolve("slivers/default/web/record.json");
        String good = Files.readString(record);
        Files.writeString(record, "{");
        Files.delete(site.node.store.resolve("index"));
        site.delete("web");
        site.start();
        site.await(() -> site.condition("web", "Ready").equals("False Damaged"));
        Thread.sleep(3000);
        assertEquals("[\"veneer.dev/node-data\"]", finalizers());
        assertTrue(site.isStored("web"));
        site.stop();
        Files.writeString(record, good);
        site.start();
        site.await(() -> site.get("web").isMissingNode());
        assertFalse(site.isStored("web"));
    }

    private Path unmountTheDisk() throws Exception {
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web"));
        site.await(() -> store().at("/status/storeId").isTextual());
        Files.writeString(site.node.rootfs("web").resolve("mine"), "kept\n");
        site.stop();
        // The store's directory is empty, as the place is where its disk would be mounted.
        Path away = site.node.store.resolveSibling("away");
        Files.move(site.node.store, away);
        site.start();
        site.apply(site.sliver("new", "driver: overlay"));
        site.await(() -> site.condition("web", "Ready").equals("False DataMissing")
                && site.condition("new", "Ready").equals("False DataMissing"));
        return away;
    }

    private ObjectNode store() {
        return JSON.valueToTree(site.kind("NodeStore").withName(site.name).get());
    }

    @Test
    void aStoreWhoseDiskIsNotMountedIsNotFilled() throws Exception {
        Path away = unmountTheDisk();
        String id = store().at("/status/storeId").asText();
        site.await(() -> store().at("/status/conditions").toString().contains("DataMissing"));
        site.delete("web");
        Thread.sleep(3000);
        assertEquals("[\"veneer.dev/node-data\"]", finalizers());
        assertFalse(site.isStored("web") || site.isStored("new"));
        assertEquals(
                List.of(), List.of(site.node.store.resolve("bases").toFile().list()));
        assertEquals(1, site.get("web").at("/status/revision").asInt());
        site.stop();
        assertEquals(id, store().at("/status/storeId").asText());
        Commands.run("rm", "-rf", "--one-file-system", site.node.store.toString());
        Files.move(away, site.node.store);
        site.start();
        site.await(() -> site.get("web").isMissingNode() && site.isReady("new"));
        assertFalse(site.isStored("web"));
    }

    @Test
    void aStoreThatIsReplacedIsFilledWhenTheOperatorSaysSo() throws Exception {
        Path away = unmountTheDisk();
        String id = store().at("/status/storeId").asText();
        site.annotate("web", ADOPT, "true");
        Thread.sleep(2000);
        assertEquals("False DataMissing", site.condition("web", "Ready"));
        site.adoptAll("true");
        site.await(() -> site.isReady("web") && site.isReady("new"));
        site.await(() -> !store().at("/status/storeId").asText().equals(id));
        assertFalse(Files.exists(site.node.rootfs("web").resolve("mine")));
        site.adoptAll(null);
        Thread.sleep(2000);
        assertTrue(site.isReady("web"));
        site.unmount(away.resolve("rootfs/default/web"));
    }

    @Test
    void anotherNamespaceOfTheNameGetsNothing() throws Exception {
        String lab = "lab-" + site.name;
        site.plane.identities().namespace(lab);
        String web = site.sliver(lab + "/web", "driver: overlay", "deletionPolicy: Retain");
        Path rootfs = site.node.store.resolve("rootfs").resolve(lab).resolve("web");
        site.apply(web);
        site.await(() -> ready(lab).startsWith("True"));
        Files.writeString(rootfs.resolve("mine"), "kept\n");
        delete(lab);
        site.apply(web);
        site.await(() -> ready(lab).startsWith("True"));
        assertEquals("kept\n", mine(rootfs));
        delete(lab);
        remakeNamespace(lab);
        site.apply(web);
        site.await(() -> ready(lab).equals("False OtherObject"));
        site.annotate(sliver(lab), ADOPT, "true");
        Thread.sleep(2000);
        assertEquals("False OtherObject", ready(lab));
        assertEquals(List.of(), site.node.mountedAt(rootfs));
        site.adoptAll("true");
        site.await(() -> ready(lab).startsWith("True"));
        assertEquals("kept\n", mine(rootfs));
    }

    private String mine(Path rootfs) throws Exception {
        Path mine = rootfs.resolve("mine");
        return Files.exists(mine)
                ? Files.readString(mine)
                : "nothing, mounted " + site.node.mountedAt(rootfs) + "; the agent said: " + site.agent.said();
    }

    private GenericKubernetesResource sliver(String namespace) {
        return site.kind("Sliver").inNamespace(namespace).withName("web").get();
    }

    private String ready(String namespace) {
        for (var condition : JSON.valueToTree(sliver(namespace)).at("/status/conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                return condition.path("status").asText() + " "
                        + condition.path("reason").asText();
            }
        }
        return "";
    }

    private void delete(String namespace) throws Exception {
        site.client().resource(sliver(namespace)).delete();
        site.await(() -> sliver(namespace) == null);
    }

    /** There is no controller that would end a namespace. */
    private void remakeNamespace(String name) throws Exception {
        var namespaces = site.client().namespaces();
        namespaces.withName(name).delete();
        ObjectNode ending = JSON.valueToTree(namespaces.withName(name).get());
        ending.putObject("spec").putArray("finalizers");
        site.client().raw("/api/v1/namespaces/" + name + "/finalize", "PUT", ending);
        site.await(() -> namespaces.withName(name).get() == null);
        site.plane.identities().namespace(name);
    }

    /** Nothing but the image itself would ever let it go again. */
    @Test
    void aPinnedImageThatIsDeletedGoes() throws Exception {
        String pinned = site.base("pinned");
        site.apply(NodeOnLoop.image(
                pinned,
                site.node.archive("pinned", "etc/motd", "pinned\n"),
                "retention: {keepUnreferenced: 1s, pinned: true}"));
        site.apply(site.sliver("web", "driver: overlay").replace(site.base("base"), pinned));
        site.await(() -> site.isReady("web"));
        site.kind("BaseImage").withName(pinned).delete();
        Thread.sleep(2000);
        assertTrue(Files.exists(site.node.store.resolve("images/" + pinned + ".json")));
        site.delete("web");
        site.await(() -> !Files.exists(site.node.store.resolve("images/" + pinned + ".json"))
                && site.node.store.resolve("bases").toFile().list().length == 0);
        site.await(() -> store().at("/status/baseImages").isEmpty());
    }

    @Test
    void aRequestIsForItsOwnSliverAlone() throws Exception {
        Map<String, List<Long>> asked = new ConcurrentHashMap<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.computeIfAbsent(exchange.getRequestURI().getPath(), path -> new CopyOnWriteArrayList<>())
                    .add(System.nanoTime());
            exchange.sendResponseHeaders(503, -1);
            exchange.close();
        });
        server.start();
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
            for (String each : List.of("one", "two")) {
                site.apply(
                        site.sliver(each, "driver: overlay", "content: {archive: {url: \"" + url + each + ".tar\"}}"));
            }
            site.await(() -> asked.containsKey("/one.tar") && asked.containsKey("/two.tar"));
            List<Long> ones = asked.get("/one.tar");
            List<Long> twos = asked.get("/two.tar");
            // They are tried by themselves after 1, 2, 4, 8 and 16 seconds: in the last of these there is time to ask.
            site.await(Duration.ofMinutes(2), () -> since(ones) > 12 && since(twos) > 12);
            int one = ones.size();
            int two = twos.size();
            site.annotate("one", "veneer.dev/requestedAt", "now");
            site.await(() -> ones.size() > one);
            site.await(() ->
                    site.get("one").at("/status/lastHandledRequestAt").asText().equals("now"));
            int then = ones.size();
            site.annotate("one", "veneer.dev/requestedAt", "again");
            Thread.sleep(3000);
            assertEquals(then, ones.size(), "asked again at once, it waits");
            assertEquals(
                    "now", site.get("one").at("/status/lastHandledRequestAt").asText());
            // By itself it may have been tried meanwhile.
            assertTrue(twos.size() == two || twos.get(two) - twos.get(two - 1) > 15_000_000_000L, twos.toString());
            site.await(() ->
                    site.get("one").at("/status/lastHandledRequestAt").asText().equals("again"));
        } finally {
            server.stop(0);
        }
    }

    /** Seconds. */
    private static long since(List<Long> times) {
        return (System.nanoTime() - times.get(times.size() - 1)) / 1_000_000_000L;
    }
}
