package dev.veneer.api.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.testkit.KubernetesParts;
import dev.veneer.api.testkit.Manifests;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What kustomize makes of the manifests. That a real API server takes them is the other classes' first step. */
class ManifestsIT {
    private static final String EVERYTHING = "manifests/kubernetes";

    @Test
    void theDefinitionsOutliveTheRest() {
        assertEquals(Set.of("CustomResourceDefinition"), kinds(Manifests.of("manifests/crds")));
        Set<String> rest = kinds(Manifests.of("manifests/kubernetes/base"));
        assertFalse(rest.contains("CustomResourceDefinition"), rest.toString());
        Set<String> all = kinds(Manifests.of(EVERYTHING));
        // The secrets that base images name lie in the namespace.
        assertFalse(rest.contains("Namespace"), rest.toString());
        assertEquals(Set.of("Namespace"), kinds(Manifests.of("manifests/kubernetes/namespace")));
        rest.addAll(List.of("CustomResourceDefinition", "Namespace"));
        assertEquals(rest, all);
    }

    /** Where an administrator limits the system's priority classes, a pod needs a quota of its namespace for its class. */
    @Test
    void thereIsAQuotaForThePriorityClassesOfThePods() {
        List<HasMetadata> objects = Manifests.of(EVERYTHING);
        ResourceQuota quota = only(objects, ResourceQuota.class);
        var scope = quota.getSpec().getScopeSelector().getMatchExpressions().get(0);
        assertEquals("PriorityClass", scope.getScopeName());
        assertEquals("In", scope.getOperator());
        for (var pod : List.of(
                only(objects, DaemonSet.class).getSpec().getTemplate(),
                only(objects, Deployment.class).getSpec().getTemplate())) {
            assertTrue(scope.getValues().contains(pod.getSpec().getPriorityClassName()), pod.toString());
        }
        assertEquals(
                only(objects, DaemonSet.class).getMetadata().getNamespace(),
                quota.getMetadata().getNamespace());
    }

    @Test
    void bothAreAskedHowTheyDo() {
        List<HasMetadata> objects = Manifests.of(EVERYTHING);
        for (var pod : List.of(
                only(objects, DaemonSet.class).getSpec().getTemplate(),
                only(objects, Deployment.class).getSpec().getTemplate())) {
            Container container = pod.getSpec().getContainers().get(0);
            assertEquals("/readyz", container.getReadinessProbe().getHttpGet().getPath());
            assertEquals("/livez", container.getLivenessProbe().getHttpGet().getPath());
            assertTrue(container.getArgs().toString().contains("--health-address="), container.toString());
        }
    }

    private static <T> T only(List<HasMetadata> objects, Class<T> type) {
        return objects.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void nobodyGetsARightOnSecretsOrOnEverything() {
        for (HasMetadata object : Manifests.of(EVERYTHING)) {
            for (PolicyRule rule : rules(object)) {
                String where = object.getMetadata().getName() + ": " + rule;
                for (List<String> words : List.of(rule.getResources(), rule.getVerbs(), rule.getApiGroups())) {
                    assertFalse(words.contains("*"), where);
                }
                assertFalse(rule.getResources().contains("secrets"), where);
            }
        }
    }

    @Test
    void theAgentIsTheNodes() {
        DaemonSet agent = Manifests.of(EVERYTHING).stream()
                .filter(DaemonSet.class::isInstance)
                .map(DaemonSet.class::cast)
                .findFirst()
                .orElseThrow();
        var spec = agent.getSpec().getTemplate().getSpec();
        assertEquals("system-node-critical", spec.getPriorityClassName());
        assertTrue(spec.getHostPID() && spec.getHostNetwork());
        assertEquals("Exists", spec.getTolerations().get(0).getOperator());
        assertEquals(null, spec.getTolerations().get(0).getKey());
        var mount = spec.getContainers().get(0).getVolumeMounts().get(0);
        assertEquals("Bidirectional", mount.getMountPropagation());
        assertEquals(
                mount.getMountPath(), spec.getVolumes().get(0).getHostPath().getPath());
        assertFalse(spec.getContainers().get(0).getArgs().toString().contains("metrics"));
        // What it takes to run the node's LXC so that containers outlive the pod.
        assertTrue(spec.getContainers().get(0).getSecurityContext().getPrivileged());
        assertTrue(
                spec.getContainers().get(0).getEnv().stream()
                        .anyMatch(env -> "VENEER_HOST_PROCESS".equals(env.getName()) && "1".equals(env.getValue())),
                spec.getContainers().get(0).getEnv().toString());
    }

    @Test
    void componentsAreOffUntilNamedAndImagesCanBeReplaced() throws IOException {
        Set<String> optional = Set.of("PodMonitor", "PrometheusRule", "NetworkPolicy");
        Set<String> all = kinds(Manifests.of(EVERYTHING));
        assertTrue(optional.stream().noneMatch(all::contains), all.toString());

        // kustomize takes no absolute paths, and nothing inside of what it includes.
        Path directory = Files.createDirectories(KubernetesParts.repository().resolve("target/kustomize-it"));
        Files.writeString(
                directory.resolve("kustomization.yaml"),
                """
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                resources: [../../manifests/kubernetes]
                components:
                - ../../manifests/kubernetes/components/pod-monitor
                - ../../manifests/kubernetes/components/metrics-tls
                - ../../manifests/kubernetes/components/prometheus-rule
                - ../../manifests/kubernetes/components/network-policy
                images:
                - {name: veneer.dev/agent, newName: registry.example/veneer/agent, newTag: v9}
                - {name: veneer.dev/controller, newName: registry.example/veneer/controller, newTag: v9}
                """);
        List<HasMetadata> objects = Manifests.objects(directory);
        assertTrue(kinds(objects).containsAll(optional), objects.toString());
        Container agent = objects.stream()
                .filter(DaemonSet.class::isInstance)
                .map(DaemonSet.class::cast)
                .map(set ->
                        set.getSpec().getTemplate().getSpec().getContainers().get(0))
                .findFirst()
                .orElseThrow();
        assertEquals("registry.example/veneer/agent:v9", agent.getImage());
        assertTrue(
                agent.getArgs().contains("--metrics-address=$(NODE_IP):9464"),
                agent.getArgs().toString());
        Container controller = only(objects, Deployment.class)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0);
        assertTrue(
                controller.getArgs().contains("--metrics-address=0.0.0.0:9464"),
                controller.getArgs().toString());
        for (Container each : List.of(agent, controller)) {
            assertTrue(
                    each.getArgs().contains("--metrics-token-file=/run/secrets/veneer-metrics/token"),
                    each.getArgs().toString());
            assertTrue(
                    each.getVolumeMounts().stream()
                            .anyMatch(mount -> mount.getMountPath().equals("/run/secrets/veneer-metrics")
                                    && mount.getName().equals("metrics-token")),
                    each.getVolumeMounts().toString());
            assertTrue(each.getVolumeMounts().size() > 1, "what it had is there still");
            assertTrue(
                    each.getArgs()
                            .containsAll(List.of(
                                    "--metrics-tls-cert=/run/secrets/veneer-metrics-tls/tls.crt",
                                    "--metrics-tls-key=/run/secrets/veneer-metrics-tls/tls.key")),
                    each.getArgs().toString());
            assertTrue(
                    each.getVolumeMounts().stream()
                            .anyMatch(mount -> mount.getMountPath().equals("/run/secrets/veneer-metrics-tls")),
                    each.getVolumeMounts().toString());
        }
        List<GenericKubernetesResource> monitors = objects.stream()
                .filter(GenericKubernetesResource.class::isInstance)
                .map(GenericKubernetesResource.class::cast)
                .filter(object -> object.getKind().equals("PodMonitor"))
                .toList();
        assertEquals(2, monitors.size());
        for (GenericKubernetesResource monitor : monitors) {
            assertEquals("https", monitor.get("spec", "podMetricsEndpoints", 0, "scheme"));
            assertEquals("veneer-metrics", monitor.get("spec", "podMetricsEndpoints", 0, "tlsConfig", "serverName"));
        }
    }

    private static List<PolicyRule> rules(HasMetadata object) {
        if (object instanceof ClusterRole role) {
            return role.getRules();
        }
        return object instanceof Role role ? role.getRules() : List.of();
    }

    private static Set<String> kinds(List<HasMetadata> objects) {
        Stream<String> kinds = objects.stream().map(HasMetadata::getKind);
        return kinds.collect(Collectors.toCollection(TreeSet::new));
    }
}
