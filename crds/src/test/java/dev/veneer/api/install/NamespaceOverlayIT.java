package dev.veneer.api.install;

import static dev.veneer.api.install.Installed.STORES;
import static dev.veneer.api.install.Installed.denied;
import static dev.veneer.api.install.Installed.done;
import static dev.veneer.api.install.Installed.lease;
import static dev.veneer.api.install.Installed.leases;
import static dev.veneer.api.install.Installed.sliver;
import static dev.veneer.api.install.Installed.slivers;
import static dev.veneer.api.install.Installed.store;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.veneer.api.testkit.Caller;
import dev.veneer.api.testkit.ControlPlane;
import dev.veneer.api.testkit.KubernetesApi;
import dev.veneer.api.testkit.KubernetesParts;
import dev.veneer.api.testkit.Manifests;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Veneer in a namespace that a kustomization gives it: nothing is held less there. */
class NamespaceOverlayIT {
    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private static final String ELSEWHERE = "overlay-system";
    private static final String TEAM = "overlay-team";

    private static List<HasMetadata> objects;
    private static Caller admin;

    @BeforeAll
    static void install() throws IOException {
        ControlPlane plane = API.plane();
        admin = new Caller(plane, plane.adminToken());
        Installed.install(plane, admin);
        plane.identities().namespace(TEAM);
        Path directory = Files.createDirectories(KubernetesParts.repository().resolve("target/kustomize-overlay"));
        Files.writeString(
                directory.resolve("kustomization.yaml"),
                """
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                namespace: overlay-system
                resources: [../../manifests/kubernetes]
                """);
        objects = Manifests.objects(directory);
        for (HasMetadata object : objects) {
            plane.client()
                    .resource(object)
                    .fieldManager("tests")
                    .forceConflicts()
                    .serverSideApply();
        }
        done(admin.create(slivers(TEAM), sliver("theirs", "overlay-b", "")));
        done(admin.create(slivers(TEAM), sliver("mine", "overlay-a", "")));
    }

    @AfterAll
    static void putBack() {
        Manifests.apply(API.plane(), "manifests/kubernetes");
        admin.delete(slivers(TEAM) + "/theirs");
        admin.delete(slivers(TEAM) + "/mine");
        admin.close();
    }

    @Test
    void nothingSaysTheOtherNamespace() {
        for (HasMetadata object : objects) {
            String text = Serialization.asYaml(object);
            assertFalse(text.contains("veneer-system"), text);
        }
        assertEquals(
                List.of(ELSEWHERE),
                objects.stream()
                        .filter(object -> object.getKind().equals("Namespace"))
                        .map(object -> object.getMetadata().getName())
                        .toList());
    }

    @Test
    void anAgentThereIsHeldToItsNode() {
        ControlPlane plane = API.plane();
        try (Caller agent = new Caller(plane, plane.identities().podToken(ELSEWHERE, "veneer-agent", "overlay-a"))) {
            String status = "{\"status\":{\"driver\":\"copy\"}}";
            done(agent.merge(slivers(TEAM) + "/mine/status", status));
            denied(agent.merge(slivers(TEAM) + "/theirs/status", status), "no business");
            denied(agent.create(STORES, store("overlay-b", "overlay-b")), "only its own NodeStore");
            denied(agent.create(leases(ELSEWHERE), lease("overlay-b")), "own node");
            done(agent.create(leases(ELSEWHERE), lease("overlay-a")));
        }
    }
}
