package dev.veneer.api.install;

import static dev.veneer.api.install.Installed.IMAGES;
import static dev.veneer.api.install.Installed.STORES;
import static dev.veneer.api.install.Installed.denied;
import static dev.veneer.api.install.Installed.done;
import static dev.veneer.api.install.Installed.image;
import static dev.veneer.api.install.Installed.noRight;
import static dev.veneer.api.install.Installed.sliver;
import static dev.veneer.api.install.Installed.slivers;
import static dev.veneer.api.install.Installed.store;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.veneer.api.testkit.Caller;
import dev.veneer.api.testkit.ControlPlane;
import dev.veneer.api.testkit.KubernetesApi;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A tenant with a real token makes slivers, and gets nothing that reaches beyond them unless the namespace is trusted. */
class TenantPolicyIT {
    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private static final String TEAM = "tenant-policy";
    private static final String TRUSTED = "tenant-policy-trusted";
    private static final String LOST = "tenant-policy-lost";
    private static final String OTHERS = "tenant-policy-others";

    private static Caller admin;
    private static Caller tenant;

    /** What reaches beyond a sliver, and the words in which it is refused. */
    record Reach(String spec, String refusal) {}

    static List<Reach> reaches() {
        String archive = "\"content\":{\"archive\":{\"url\":\"https://x.example/a.tar\"";
        return List.of(
                new Reach("\"rootfs\":\"/srv/rootfs\"", "spec.rootfs"),
                new Reach("\"lxc\":{\"config\":[\"lxc.mount.entry = /etc etc none bind 0 0\"]}", "spec.lxc.config"),
                new Reach("\"userNamespace\":\"Host\"", "userNamespace: Host"),
                new Reach("\"content\":{\"archive\":{\"url\":\"file:///root/backup.tar\"}}", "files of the node"),
                new Reach(archive + ",\"mirrors\":[\"https://x.example/b\",\"file:///x\"]}}", "files of the node"),
                new Reach(archive + ",\"secretRef\":{\"name\":\"base-images\"}}}", "secrets in"),
                new Reach(archive + ",\"caSecretRef\":{\"name\":\"base-images\"}}}", "secrets in"));
    }

    @BeforeAll
    static void install() {
        ControlPlane plane = API.plane();
        admin = new Caller(plane, plane.adminToken());
        Installed.install(plane, admin);
        for (String namespace : List.of(TEAM, TRUSTED, LOST, OTHERS)) {
            plane.identities().namespace(namespace);
        }
        trust(TRUSTED, "\"true\"");
        tenant = new Caller(plane, plane.identities().token(TEAM, "tenant"));
        for (String namespace : List.of(TEAM, TRUSTED, LOST)) {
            admin.create(
                    "/apis/rbac.authorization.k8s.io/v1/namespaces/" + namespace + "/rolebindings",
                    """
                    {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"tenant"},
                     "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"veneer-slivers-edit"},
                     "subjects":[{"kind":"ServiceAccount","name":"tenant","namespace":"%s"}]}"""
                            .formatted(TEAM));
        }
    }

    @AfterAll
    static void close() {
        for (String namespace : List.of(TEAM, TRUSTED, LOST, OTHERS)) {
            admin.delete(slivers(namespace));
        }
        admin.close();
        tenant.close();
    }

    private static void trust(String namespace, String value) {
        done(admin.merge(
                "/api/v1/namespaces/" + namespace,
                "{\"metadata\":{\"labels\":{\"veneer.dev/trusted\":" + value + "}}}"));
    }

    @Test
    void aTenantMakesChangesAndDeletesSlivers() {
        String path = slivers(TEAM) + "/plain";
        done(tenant.create(
                slivers(TEAM),
                sliver(
                        "plain",
                        "n1",
                        ",\"lxc\":{\"memory\":\"64Mi\",\"network\":{\"bridge\":\"br0\"}},"
                                + "\"content\":{\"archive\":{\"url\":\"https://x.example/a.tar\"}}")));
        done(tenant.merge(path, "{\"spec\":{\"instanceSerial\":2,\"userNamespace\":\"Always\",\"pins\":[\"/etc\"]}}"));
        // With that one role: kubectl apply and edit read first.
        done(tenant.get(slivers(TEAM)));
        done(tenant.get(path));
        done(tenant.get(path + "/status"));
        done(tenant.apply(path, "kubectl", sliver("plain", "n1", ",\"lxc\":{\"memory\":\"96Mi\"}")));
        noRight(tenant.merge(path + "/status", "{\"status\":{\"driver\":\"copy\"}}"));
        done(tenant.delete(path));
    }

    @ParameterizedTest
    @MethodSource("reaches")
    void whatReachesBeyondASliverIsRefused(Reach reach) {
        String path = slivers(TEAM) + "/reaching";
        denied(tenant.create(slivers(TEAM), sliver("reaching", "n1", "," + reach.spec())), reach.refusal());
        denied(tenant.apply(path, "kubectl", sliver("reaching", "n1", "," + reach.spec())), reach.refusal());
        // Whoever writes it: the label is the only switch.
        denied(admin.create(slivers(TEAM), sliver("reaching", "n1", "," + reach.spec())), reach.refusal());
        done(tenant.create(slivers(TEAM), sliver("reaching", "n1", "")));
        denied(tenant.merge(path, "{\"spec\":{" + reach.spec() + "}}"), reach.refusal());
        done(tenant.delete(path));

        done(tenant.create(slivers(TRUSTED), sliver("reaching", "n1", "," + reach.spec())));
        done(tenant.delete(slivers(TRUSTED) + "/reaching"));
    }

    /** What was allowed once can be taken away and deleted, but not written anew. */
    @Test
    void aNamespaceThatLostItsLabelCanBeEmptied() {
        trust(LOST, "\"true\"");
        String path = slivers(LOST) + "/kept";
        done(tenant.create(slivers(LOST), sliver("kept", "n1", ",\"rootfs\":\"/srv/kept\"")));
        done(admin.merge(path, "{\"metadata\":{\"finalizers\":[\"veneer.dev/node-data\"]}}"));
        for (String value : List.of("null", "\"false\"", "\"\"")) {
            trust(LOST, value);
            denied(tenant.merge(path, "{\"spec\":{\"instanceSerial\":2}}"), "spec.rootfs");
        }
        done(tenant.merge(path, "{\"metadata\":{\"annotations\":{\"veneer.dev/requestedAt\":\"now\"}}}"));
        done(tenant.delete(path));
        ControlPlane plane = API.plane();
        try (Caller agent = new Caller(plane, plane.identities().podToken(Installed.SYSTEM, "veneer-agent", "n1"))) {
            done(agent.merge(path + "/status", "{\"status\":{\"observedGeneration\":1}}"));
            done(agent.merge(path, "{\"metadata\":{\"finalizers\":null}}"));
        }
        assertEquals(404, admin.get(path).code());
    }

    @Test
    void whatIsSharedIsNotTheTenants() {
        noRight(tenant.create(IMAGES, image("tenants")));
        noRight(tenant.merge(IMAGES + "/debian-12", "{\"spec\":{\"suspend\":true}}"));
        noRight(tenant.delete(IMAGES + "/debian-12"));
        noRight(tenant.create(STORES, store("n9", "n9")));
        noRight(tenant.merge(STORES + "/n1", "{\"spec\":{\"allow\":{\"tenantLxcConfig\":true}}}"));
        noRight(tenant.delete(STORES + "/n1"));
        noRight(tenant.get(STORES));
        noRight(tenant.get(slivers(OTHERS)));
        noRight(tenant.create(slivers(OTHERS), sliver("x", "n1", "")));
        noRight(tenant.get("/apis/veneer.dev/v1alpha1/slivers"));
        noRight(tenant.merge(
                "/api/v1/namespaces/" + TEAM, "{\"metadata\":{\"labels\":{\"veneer.dev/trusted\":\"true\"}}}"));
        noRight(tenant.get("/api/v1/namespaces/" + Installed.SYSTEM + "/secrets"));
    }
}
