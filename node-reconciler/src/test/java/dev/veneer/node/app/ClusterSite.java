package dev.veneer.node.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.api.testkit.ControlPlane;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import dev.veneer.node.testkit.OtherJvm;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A node of a real API server: a store on a disk of its own, and the real agent in a process of its own. */
final class ClusterSite implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicInteger COUNT = new AtomicInteger();
    /** Longer than it takes until a watch that died silently is given up. */
    static final Duration SOON = Duration.ofSeconds(220);

    final ControlPlane plane;
    final NodeOnLoop node;
    final String name;
    private final String token;
    private final boolean borrowed;
    private final List<ChildVeneer> agents = new ArrayList<>();
    ChildVeneer agent;
    private Class<?> main = Main.class;

    /** Something that is to become true. */
    interface Condition {
        boolean holds() throws Exception;
    }

    ClusterSite(ControlPlane plane) throws Exception {
        this.plane = plane;
        this.node = new NodeOnLoop(LoopDevice.Kind.XFS);
        this.name = "node-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
        this.borrowed = false;
        plane.identities().namespace("veneer-system");
        this.token = AgentRole.tokenFor(plane, name);
        apply(NodeOnLoop.image(base("base"), node.archive("base", "etc/motd", "hello\n", "usr/one", "1\n")));
    }

    private ClusterSite(ControlPlane plane, ClusterSite other) {
        this.plane = plane;
        this.node = other.node;
        this.name = other.name;
        this.borrowed = true;
        plane.identities().namespace("veneer-system");
        this.token = AgentRole.tokenFor(plane, name);
    }

    /** From now on agents are started that do not wait so long for who is not heard of. */
    ClusterSite hasty() {
        main = HastyVeneer.class;
        return this;
    }

    /** The same node in another cluster. */
    ClusterSite on(ControlPlane other) {
        return new ClusterSite(other, this);
    }

    KubernetesClient client() {
        return plane.client();
    }

    /** BaseImages are in no namespace: each site has its own. */
    String base(String base) {
        return base + "-" + name;
    }

    /** Starts the agent, with the rights that an agent has. */
    ChildVeneer start() throws IOException {
        agent = startOn(node.store, name);
        return agent;
    }

    ChildVeneer startOn(Path store, String nodeName) throws IOException {
        return start(OtherJvm.command(main), store, nodeName);
    }

    /** Starts the agent with another kubeconfig than that of its token. */
    ChildVeneer startWith(Path kubeconfig) throws IOException {
        agent = start(OtherJvm.command(main), kubeconfig, node.store, name);
        return agent;
    }

    /** A further token of the agent, of a pod of its own. */
    String token(String pod) {
        return plane.identities().podToken("veneer-system", "veneer-agent", name, podOf(pod));
    }

    String podOf(String pod) {
        return pod + "-" + name;
    }

    /** A kubeconfig of the agent, for another address of the API server. */
    String kubeconfig(String address) {
        return plane.kubeconfig(token).replaceAll("server: \"[^\"]*\"", "server: \"" + address + "\"");
    }

    /** Starts the agent with a clock that is off by what a file says at any moment, as in {@code +3d}. */
    ChildVeneer startWithClock(Path offset) throws IOException {
        List<String> program = new ArrayList<>(List.of(
                "env",
                "LD_PRELOAD=" + WrongClock.library(),
                "FAKETIME_TIMESTAMP_FILE=" + offset,
                "FAKETIME_NO_CACHE=1",
                "FAKETIME_DONT_FAKE_MONOTONIC=1",
                // Else it takes waits by the clock that does not jump for such by the other: they end at once, or
                // never.
                "FAKETIME_FORCE_MONOTONIC_FIX=0"));
        program.addAll(OtherJvm.command(main));
        agent = start(program, node.store, name);
        return agent;
    }

    /** Starts the agent as a program says. */
    ChildVeneer start(List<String> program, Path store, String nodeName) throws IOException {
        return start(program, plane.kubeconfigFile(token), store, nodeName);
    }

    private ChildVeneer start(List<String> program, Path kubeconfig, Path store, String nodeName) throws IOException {
        ChildVeneer started = ChildVeneer.start(
                program,
                "agent",
                "--kubernetes",
                "--kubeconfig",
                kubeconfig.toString(),
                "--node-name",
                nodeName,
                "--store",
                store.toString());
        agents.add(started);
        return started;
    }

    /** Makes or changes an object. */
    void apply(String yaml) {
        GenericKubernetesResource object = Serialization.unmarshal(yaml, GenericKubernetesResource.class);
        if (object.getKind().equals("Sliver") && object.getMetadata().getNamespace() == null) {
            object.getMetadata().setNamespace("default");
        }
        client().resource(object).fieldManager("tests").forceConflicts().serverSideApply();
    }

    /** A sliver's declaration; its name may be {@code NAMESPACE/NAME}, here and below. */
    String sliver(String sliver, String... more) {
        List<String> lines = new ArrayList<>(List.of("nodeName: " + name));
        lines.addAll(List.of(more));
        SliverId id = id(sliver);
        return NodeOnLoop.sliver(id.name(), lines.toArray(new String[0]))
                .replace("metadata: {", "metadata: {namespace: " + id.namespace() + ", ")
                .replace("baseImage: base\n", "baseImage: " + base("base") + "\n");
    }

    private static SliverId id(String sliver) {
        return SliverId.parse(sliver.contains("/") ? sliver : "default/" + sliver);
    }

    private io.fabric8.kubernetes.client.dsl.Resource<GenericKubernetesResource> resource(String sliver) {
        SliverId id = id(sliver);
        return kind("Sliver").inNamespace(id.namespace()).withName(id.name());
    }

    /** Where it is mounted when it does not say. */
    Path rootfs(String sliver) {
        return node.store.resolve("rootfs").resolve(id(sliver).toString());
    }

    MixedOperation<
                    GenericKubernetesResource,
                    GenericKubernetesResourceList,
                    io.fabric8.kubernetes.client.dsl.Resource<GenericKubernetesResource>>
            kind(String kind) {
        return client().genericKubernetesResources(new ResourceDefinitionContext.Builder()
                .withGroup("veneer.dev")
                .withVersion("v1alpha1")
                .withKind(kind)
                .withPlural(kind.toLowerCase(java.util.Locale.ROOT) + "s")
                .withNamespaced(kind.equals("Sliver"))
                .build());
    }

    /** A sliver as it is in the cluster; a missing node when it is not there. */
    JsonNode get(String sliver) {
        GenericKubernetesResource found = resource(sliver).get();
        return found == null ? JSON.missingNode() : JSON.valueToTree(found);
    }

    /** Has an annotation on an object; null takes it away. */
    void annotate(GenericKubernetesResource object, String key, String value) {
        ObjectNode patch = JSON.createObjectNode();
        patch.putObject("metadata").putObject("annotations").put(key, value);
        client().resource(object).patch(PatchContext.of(PatchType.JSON_MERGE), patch.toString());
    }

    void annotate(String sliver, String key, String value) {
        annotate(kind("Sliver").inNamespace("default").withName(sliver).get(), key, value);
    }

    /** The operator's word for whatever lies here; null takes it back. */
    void adoptAll(String value) {
        annotate(kind("NodeStore").withName(name).get(), "veneer.dev/adopt", value);
    }

    int orphans() {
        return JSON.valueToTree(kind("NodeStore").withName(name).get())
                .at("/status/orphans")
                .asInt();
    }

    /** Ends the agent as its supervisor does. */
    void stop() throws InterruptedException {
        agent.signal("TERM");
        if (agent.end() != 0) {
            throw new AssertionError("the agent did not end well: " + agent.said());
        }
    }

    void delete(String sliver) {
        resource(sliver).delete();
    }

    /** Status of one of its conditions, with the reason. */
    String condition(String sliver, String type) {
        for (JsonNode condition : get(sliver).at("/status/conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText() + " "
                        + condition.path("reason").asText();
            }
        }
        return "";
    }

    boolean isReady(String sliver) {
        JsonNode object = get(sliver);
        return condition(sliver, "Ready").startsWith("True")
                && object.at("/status/observedGeneration").asLong()
                        == object.at("/metadata/generation").asLong();
    }

    boolean isMounted(String sliver) throws IOException {
        return node.mountedAt(rootfs(sliver)).size() == 1;
    }

    /** As a fault would; who looks at it for a moment, as a process that was just forked beside does, is waited for. */
    void unmount(Path target) throws Exception {
        await(() -> Commands.tryRun("umount", target.toString()));
    }

    boolean isStored(String sliver) {
        return Files.exists(node.store.resolve("slivers").resolve(id(sliver).toString()));
    }

    void await(Condition condition) throws Exception {
        await(SOON, condition);
    }

    void await(Duration most, Condition condition) throws Exception {
        long end = System.nanoTime() + most.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - end > 0) {
                List<String> slivers = new ArrayList<>();
                kind("Sliver")
                        .inAnyNamespace()
                        .list()
                        .getItems()
                        .forEach(each -> slivers.add(Serialization.asYaml(each)));
                throw new AssertionError(
                        "not within " + most + "; the agent said: " + agent.said() + "\n" + String.join("\n", slivers));
            }
            Thread.sleep(50);
        }
    }

    /** Reasons of the Events about a sliver. */
    List<String> events(String sliver) {
        SliverId id = id(sliver);
        return client().events().v1().events().inNamespace(id.namespace()).list().getItems().stream()
                .filter(event -> event.getRegarding().getName().equals(id.name()))
                .map(event -> event.getReason())
                .toList();
    }

    @Override
    public void close() throws IOException {
        try {
            for (ChildVeneer each : agents) {
                each.close();
            }
        } finally {
            for (GenericKubernetesResource sliver :
                    kind("Sliver").inAnyNamespace().list().getItems()) {
                // Whatever an agent that was killed has still written meanwhile.
                client().resource(sliver)
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
                client().resource(sliver).delete();
            }
            kind("BaseImage").list().getItems().forEach(each -> client().resource(each)
                    .delete());
            kind("NodeStore").list().getItems().forEach(each -> client().resource(each)
                    .delete());
            if (!borrowed) {
                node.close();
            }
        }
    }
}
