package dev.veneer.api.install;

import static dev.veneer.api.install.Installed.GROUP;
import static dev.veneer.api.install.Installed.IMAGES;
import static dev.veneer.api.install.Installed.STORES;
import static dev.veneer.api.install.Installed.SYSTEM;
import static dev.veneer.api.install.Installed.denied;
import static dev.veneer.api.install.Installed.done;
import static dev.veneer.api.install.Installed.event;
import static dev.veneer.api.install.Installed.image;
import static dev.veneer.api.install.Installed.lease;
import static dev.veneer.api.install.Installed.leases;
import static dev.veneer.api.install.Installed.newEvent;
import static dev.veneer.api.install.Installed.noRight;
import static dev.veneer.api.install.Installed.sliver;
import static dev.veneer.api.install.Installed.slivers;
import static dev.veneer.api.install.Installed.store;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.testkit.Caller;
import dev.veneer.api.testkit.ControlPlane;
import dev.veneer.api.testkit.KubernetesApi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An agent with the real token of its pod writes what is its own node's, and nothing else; others are not bound by that. */
class AgentPolicyIT {
    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private static final String TEAM = "agent-policy";
    private static final String MINE = slivers(TEAM) + "/mine";
    private static final String THEIRS = slivers(TEAM) + "/theirs";
    private static final String STATUS = "{\"status\":{\"observedGeneration\":1,\"driver\":\"overlay\"}}";
    private static final String FINALIZED = "{\"metadata\":{\"finalizers\":[\"veneer.dev/node-data\"]}}";
    private static final String KIND = "\"apiVersion\":\"veneer.dev/v1alpha1\",\"kind\":\"Sliver\"";

    private static Caller admin;
    private static Caller agent;
    private static Caller other;
    private static Caller unbound;
    private static Caller controller;

    @BeforeAll
    static void install() {
        ControlPlane plane = API.plane();
        admin = new Caller(plane, plane.adminToken());
        Installed.install(plane, admin);
        plane.identities().namespace(TEAM);
        agent = new Caller(plane, plane.identities().podToken(SYSTEM, "veneer-agent", "node-a.example"));
        other = new Caller(plane, plane.identities().podToken(SYSTEM, "veneer-agent", "node-b"));
        unbound = new Caller(plane, plane.identities().token(SYSTEM, "veneer-agent"));
        controller = new Caller(plane, plane.identities().token(SYSTEM, "veneer-controller"));
    }

    @AfterAll
    static void close() {
        for (Caller caller : new Caller[] {admin, agent, other, unbound, controller}) {
            caller.close();
        }
    }

    @BeforeEach
    void objects() {
        done(admin.create(slivers(TEAM), sliver("mine", "node-a.example", "")));
        done(admin.create(slivers(TEAM), sliver("theirs", "node-b", "")));
        done(admin.create(IMAGES, image("agent-policy")));
        done(admin.create(STORES, store("node-b", "node-b")));
        done(admin.create(leases(SYSTEM), lease("node-b")));
    }

    @AfterEach
    void clean() {
        for (String path : new String[] {MINE, THEIRS}) {
            admin.merge(path, "{\"metadata\":{\"finalizers\":null}}");
            admin.delete(path);
        }
        admin.delete(slivers(TEAM) + "/new");
        admin.delete(IMAGES + "/agent-policy");
        for (String name : new String[] {"node-a-example", "node-b"}) {
            admin.delete(STORES + "/" + name);
        }
        for (String name : new String[] {"node-a.example", "node-b"}) {
            admin.delete(leases(SYSTEM) + "/" + name);
        }
        admin.delete("/api/v1/namespaces/default/events");
    }

    /** The agent as a service of its node has a token that is bound to that instead of to a pod. */
    @Test
    void aTokenOfTheNodeItselfIsAsGood() {
        try (Caller service =
                new Caller(API.plane(), API.plane().identities().nodeToken(SYSTEM, "veneer-agent", "node-a.example"))) {
            mayWhatAnAgentNeeds(service);
            denied(service.merge(THEIRS + "/status", STATUS), "no business");
            denied(service.merge(THEIRS, FINALIZED), "no business");
        }
    }

    @Test
    void whatAnAgentNeedsItMay() {
        mayWhatAnAgentNeeds(agent);
    }

    private static void mayWhatAnAgentNeeds(Caller agent) {
        done(agent.merge(MINE + "/status", STATUS));
        done(agent.apply(MINE + "/status", "veneer-agent", "{" + KIND + ",\"status\":{\"driver\":\"copy\"}}"));
        done(agent.apply(
                MINE,
                "veneer-agent",
                "{" + KIND + ",\"metadata\":{\"name\":\"mine\",\"finalizers\":[\"veneer.dev/node-data\"]}}"));
        assertTrue(agent.get(MINE).body().contains("veneer.dev/node-data"));
        // The handshake of a deletion.
        done(admin.delete(MINE));
        done(agent.merge(MINE + "/status", "{\"status\":{\"driver\":\"overlay\"}}"));
        done(agent.apply(MINE, "veneer-agent", "{" + KIND + ",\"metadata\":{\"name\":\"mine\",\"finalizers\":[]}}"));
        assertTrue(admin.get(MINE).code() == 404);

        done(agent.create(STORES, store("node-a-example", "node-a.example")));
        done(agent.merge(STORES + "/node-a-example/status", "{\"status\":{\"orphans\":3}}"));
        done(agent.create(leases(SYSTEM), lease("node-a.example")));
        done(agent.replace(
                leases(SYSTEM) + "/node-a.example",
                agent.get(leases(SYSTEM) + "/node-a.example").body().replace("tests", "me")));
        String events = "/apis/events.k8s.io/v1/namespaces/default/events";
        done(agent.create(events, newEvent("a2", "node-a.example", "veneer.dev/v1alpha1")));
        done(agent.merge(
                events + "/a2", "{\"series\":{\"count\":2,\"lastObservedTime\":\"2026-01-01T00:00:00.000000Z\"}}"));

        done(agent.get(GROUP + "slivers?fieldSelector=spec.nodeName%3Dnode-a.example"));
        done(agent.get(IMAGES));
        done(agent.get(STORES));
        done(agent.get("/api/v1/namespaces"));
        done(agent.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/slivers.veneer.dev"));
    }

    @Test
    void sliversOfOtherNodesAreNotItsBusiness() {
        denied(agent.merge(THEIRS + "/status", STATUS), "no business");
        denied(
                agent.apply(THEIRS + "/status", "veneer-agent", "{" + KIND + ",\"status\":{\"driver\":\"copy\"}}"),
                "no business");
        denied(agent.merge(THEIRS, FINALIZED), "no business");
        denied(other.merge(MINE + "/status", STATUS), "no business");
        // Nor can it take the other's finalizer off.
        done(other.merge(THEIRS, FINALIZED));
        denied(agent.merge(THEIRS, "{\"metadata\":{\"finalizers\":null}}"), "no business");
        // A status cannot carry anything else along, as the server takes only that.
        done(agent.merge(
                MINE + "/status",
                "{\"metadata\":{\"annotations\":{\"veneer.dev/adopt\":\"true\"}},\"spec\":{\"suspend\":true}}"));
        String now = admin.get(MINE).body();
        assertFalse(now.contains("\"annotations\":") || now.contains("\"suspend\":true"), now);
    }

    @Test
    void itsOwnSliversKeepAllButItsFinalizer() {
        denied(agent.merge(MINE, "{\"spec\":{\"suspend\":true}}"), "what a sliver shall be");
        denied(agent.merge(MINE, "{\"spec\":{\"baseImage\":\"mine\"}}"), "what a sliver shall be");
        denied(agent.merge(MINE, "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}"), "labels, annotations or owners");
        denied(
                agent.merge(MINE, "{\"metadata\":{\"annotations\":{\"veneer.dev/adopt\":\"true\"}}}"),
                "labels, annotations or owners");
        denied(
                agent.merge(
                        MINE,
                        "{\"metadata\":{\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"name\":\"p\",\"uid\":\"u\"}]}}"),
                "labels, annotations or owners");
        denied(agent.merge(MINE, "{\"metadata\":{\"finalizers\":[\"example.com/x\"]}}"), "no finalizer but");
        done(admin.merge(MINE, "{\"metadata\":{\"labels\":{\"a\":\"b\"},\"finalizers\":[\"example.com/x\"]}}"));
        denied(agent.merge(MINE, FINALIZED), "no finalizer but");
        denied(agent.merge(MINE, "{\"metadata\":{\"finalizers\":null}}"), "no finalizer but");
        denied(agent.merge(MINE, "{\"metadata\":{\"labels\":null}}"), "labels, annotations or owners");
        done(agent.merge(MINE, "{\"metadata\":{\"finalizers\":[\"example.com/x\",\"veneer.dev/node-data\"]}}"));
        noRight(agent.replace(MINE, admin.get(MINE).body()));
    }

    @Test
    void makingAndDeletingSliversIsNotItsRight() {
        noRight(agent.create(slivers(TEAM), sliver("new", "node-a.example", "")));
        noRight(agent.delete(MINE));
        noRight(agent.delete(slivers(TEAM)));
        // Applying makes what is not there.
        noRight(
                agent.apply(
                        slivers(TEAM) + "/new",
                        "veneer-agent",
                        "{" + KIND
                                + ",\"metadata\":{\"name\":\"new\"},\"spec\":{\"nodeName\":\"node-a.example\",\"baseImage\":\"x\"}}"));
    }

    @Test
    void itsNodeStoreIsMadeOnceAndNeverEdited() {
        denied(agent.create(STORES, store("node-c", "node-c")), "only its own NodeStore");
        denied(agent.create(STORES, store("node-c", "node-a.example")), "only its own NodeStore");
        denied(agent.create(STORES, store("node-a-example", "node-c")), "only its own NodeStore");
        denied(agent.create(STORES, store("node-c-0a1b2c3d", "node-a.example")), "only its own NodeStore");
        denied(agent.create(STORES, store("node-0a1b2c3d", "node-a.example")), "only its own NodeStore");
        denied(
                agent.create(
                        STORES,
                        store("node-a-example", "node-a.example")
                                .replace("\"metadata\":{", "\"metadata\":{\"finalizers\":[\"example.com/x\"],")),
                "no owners and no finalizers");
        denied(
                agent.merge(STORES + "/node-b/status", "{\"status\":{\"orphans\":3}}"),
                "no business with NodeStores of other nodes");
        done(agent.create(STORES, store("node-a-example", "node-a.example")));
        // When that name is taken.
        done(agent.create(STORES + "?dryRun=All", store("node-a-example-0a1b2c3d", "node-a.example")));
        noRight(agent.merge(STORES + "/node-a-example", "{\"spec\":{\"allow\":{\"hostUserNamespace\":true}}}"));
        noRight(agent.delete(STORES + "/node-a-example"));
    }

    @Test
    void baseImagesAreReadOnly() {
        noRight(agent.create(IMAGES, image("new")));
        noRight(agent.merge(IMAGES + "/agent-policy/status", "{\"status\":{\"files\":1}}"));
        noRight(agent.merge(IMAGES + "/agent-policy", FINALIZED));
        noRight(agent.delete(IMAGES + "/agent-policy"));
    }

    @Test
    void leasesAndEventsAreItsOwnNodes() {
        denied(
                agent.replace(
                        leases(SYSTEM) + "/node-b",
                        admin.get(leases(SYSTEM) + "/node-b").body().replace("tests", "me")),
                "own node");
        denied(agent.create(leases(SYSTEM), lease("node-c")), "own node");
        denied(agent.create(leases(SYSTEM), lease("controller.veneer.dev")), "own node");
        noRight(agent.delete(leases(SYSTEM) + "/node-b"));
        noRight(agent.create(leases("kube-node-lease"), lease("node-a.example")));

        String events = "/apis/events.k8s.io/v1/namespaces/default/events";
        String ours = "veneer.dev/v1alpha1";
        denied(agent.create(events, newEvent("b2", "node-b", ours)), "signs with its node");
        denied(agent.create(events, newEvent("b4", "node-a.example", "v1")), "about Veneer's objects");
        done(other.create(events, newEvent("b5", "node-b", ours)));
        denied(
                agent.merge(
                        events + "/b5",
                        "{\"series\":{\"count\":9,\"lastObservedTime\":\"2026-01-01T00:00:00.000000Z\"}}"),
                "signs with its node");
        noRight(agent.delete(events + "/b5"));
        noRight(agent.create("/api/v1/namespaces/default/events", event("b6", "node-a.example", ours)));
    }

    @Test
    void nothingElseIsOpenToIt() {
        String system = "/api/v1/namespaces/" + SYSTEM;
        noRight(agent.get(system + "/secrets/base-images"));
        noRight(agent.get(system + "/secrets"));
        noRight(agent.get("/api/v1/secrets"));
        noRight(agent.get("/api/v1/pods"));
        noRight(agent.get("/api/v1/nodes"));
        noRight(agent.get(leases(SYSTEM)));
        noRight(agent.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions"));
        noRight(agent.create(system + "/serviceaccounts/veneer-controller/token", "{}"));
        noRight(agent.create(
                system + "/pods", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\"}}"));
        noRight(agent.merge(
                "/api/v1/namespaces/" + TEAM, "{\"metadata\":{\"labels\":{\"veneer.dev/trusted\":\"true\"}}}"));
        noRight(agent.merge(
                "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/veneer-agent-slivers",
                "{\"spec\":{\"failurePolicy\":\"Ignore\"}}"));
    }

    @Test
    void aTokenOfNoPodWritesNothing() {
        denied(unbound.merge(MINE + "/status", STATUS), "of no pod");
        denied(unbound.merge(MINE, FINALIZED), "of no pod");
        denied(unbound.create(STORES, store("node-c", "node-c")), "of no pod");
        denied(unbound.create(leases(SYSTEM), lease("node-c")), "own node");
        denied(
                unbound.create(
                        "/apis/events.k8s.io/v1/namespaces/default/events",
                        newEvent("c1", "node-a.example", "veneer.dev/v1alpha1")),
                "signs with its node");
    }

    @Test
    void administratorsAndTheControllerAreNotBound() {
        done(admin.merge(THEIRS + "/status", STATUS));
        done(admin.merge(MINE, "{\"spec\":{\"suspend\":true},\"metadata\":{\"labels\":{\"a\":\"b\"}}}"));
        done(admin.merge(STORES + "/node-b", "{\"spec\":{\"allow\":{\"hostUserNamespace\":true}}}"));
        done(admin.create(STORES, store("node-a-example", "node-a.example")));

        done(controller.merge(MINE + "/status", STATUS));
        done(controller.merge(THEIRS + "/status", STATUS));
        done(controller.merge(THEIRS, FINALIZED));
        done(controller.merge(THEIRS, "{\"metadata\":{\"finalizers\":null}}"));
        done(controller.merge(IMAGES + "/agent-policy/status", "{\"status\":{\"files\":1}}"));
        done(controller.merge(IMAGES + "/agent-policy", "{\"metadata\":{\"finalizers\":[\"veneer.dev/in-use\"]}}"));
        done(controller.merge(IMAGES + "/agent-policy", "{\"metadata\":{\"finalizers\":null}}"));
        done(controller.merge(STORES + "/node-b/status", "{\"status\":{\"orphans\":1}}"));
        done(controller.get(leases(SYSTEM)));
        done(controller.get("/api/v1/nodes"));

        noRight(controller.create(slivers(TEAM), sliver("new", "node-b", "")));
        noRight(controller.delete(MINE));
        noRight(controller.delete(IMAGES + "/agent-policy"));
        noRight(controller.merge(STORES + "/node-b", "{\"spec\":{\"allow\":{\"hostUserNamespace\":true}}}"));
        noRight(controller.merge(leases(SYSTEM) + "/node-b", "{\"spec\":{\"holderIdentity\":\"me\"}}"));
        noRight(controller.get("/api/v1/namespaces/" + SYSTEM + "/secrets"));
        noRight(controller.get("/api/v1/pods"));
    }
}
