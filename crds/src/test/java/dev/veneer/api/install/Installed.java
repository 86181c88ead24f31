package dev.veneer.api.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.testkit.Caller;
import dev.veneer.api.testkit.ControlPlane;
import dev.veneer.api.testkit.Manifests;
import java.util.function.Supplier;

/** An API server with Veneer installed, and the objects that these tests are about. */
final class Installed {
    static final String SYSTEM = "veneer-system";
    static final String GROUP = "/apis/veneer.dev/v1alpha1/";
    static final String STORES = GROUP + "nodestores";
    static final String IMAGES = GROUP + "baseimages";

    private Installed() {}

    static String slivers(String namespace) {
        return GROUP + "namespaces/" + namespace + "/slivers";
    }

    static String leases(String namespace) {
        return "/apis/coordination.k8s.io/v1/namespaces/" + namespace + "/leases";
    }

    /** Installs, and returns when the policies are in force. */
    static void install(ControlPlane plane, Caller admin) {
        Manifests.apply(plane, "manifests/kubernetes");
        plane.identities().namespace("veneer-probe");
        try (Caller agent = new Caller(plane, plane.identities().podToken(SYSTEM, "veneer-agent", "probe-node"))) {
            inForce(() -> admin.create(
                    slivers("veneer-probe") + "?dryRun=All", sliver("probe", "n", ",\"rootfs\":\"/srv/x\"")));
            inForce(() -> agent.create(STORES + "?dryRun=All", store("other", "other")));
            inForce(() -> agent.create(leases(SYSTEM) + "?dryRun=All", lease("other")));
            inForce(() -> agent.create(
                    "/apis/events.k8s.io/v1/namespaces/default/events?dryRun=All",
                    newEvent("probe", "other", "veneer.dev/v1alpha1")));
            if (admin.get(slivers("veneer-probe") + "/probe").code() == 404) {
                done(admin.create(slivers("veneer-probe"), sliver("probe", "other", "")));
            }
            inForce(() -> agent.merge(
                    slivers("veneer-probe") + "/probe/status?dryRun=All", "{\"status\":{\"driver\":\"copy\"}}"));
        }
    }

    private static void inForce(Supplier<Caller.Reply> forbidden) {
        long end = System.nanoTime() + 30_000_000_000L;
        Caller.Reply last = forbidden.get();
        while (last.done() || !last.body().contains("ValidatingAdmissionPolicy")) {
            assertTrue(System.nanoTime() < end, "a policy is not in force: " + last);
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
            last = forbidden.get();
        }
    }

    static void done(Caller.Reply reply) {
        assertTrue(reply.done(), reply.toString());
    }

    /** Refused by a policy, in whose words there is a phrase. */
    static void denied(Caller.Reply reply, String phrase) {
        assertTrue(reply.code() == 422 || reply.code() == 403, reply.toString());
        assertTrue(
                reply.body().contains("ValidatingAdmissionPolicy")
                        && reply.body().contains(phrase),
                reply.body());
    }

    /** Refused since nobody gave the right. */
    static void noRight(Caller.Reply reply) {
        assertEquals(403, reply.code(), reply.toString());
        assertTrue(reply.body().contains("cannot"), reply.body());
    }

    static String sliver(String name, String node, String more) {
        return """
                {"apiVersion":"veneer.dev/v1alpha1","kind":"Sliver","metadata":{"name":"%s"},
                 "spec":{"nodeName":"%s","baseImage":"debian-12"%s}}"""
                .formatted(name, node, more);
    }

    static String store(String name, String node) {
        return """
                {"apiVersion":"veneer.dev/v1alpha1","kind":"NodeStore","metadata":{"name":"%s"},
                 "spec":{"nodeName":"%s","path":"/var/lib/veneer"}}"""
                .formatted(name, node);
    }

    static String image(String name) {
        return """
                {"apiVersion":"veneer.dev/v1alpha1","kind":"BaseImage","metadata":{"name":"%s"},
                 "spec":{"source":{"archive":{"url":"https://images.example/debian-12.tar.zst"}}}}"""
                .formatted(name);
    }

    static String lease(String name) {
        return """
                {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"%s"},
                 "spec":{"holderIdentity":"tests","leaseDurationSeconds":40}}"""
                .formatted(name);
    }

    static String event(String name, String node, String about) {
        return """
                {"apiVersion":"v1","kind":"Event","metadata":{"name":"%s","namespace":"default"},
                 "involvedObject":{"apiVersion":"%s","kind":"Sliver","namespace":"default","name":"s"},
                 "reason":"Rebased","message":"tests","type":"Normal","action":"Rebase",
                 "reportingComponent":"veneer.dev/agent","reportingInstance":"%s",
                 "eventTime":"2026-01-01T00:00:00.000000Z"}"""
                .formatted(name, about, node);
    }

    static String newEvent(String name, String node, String about) {
        return """
                {"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"%s","namespace":"default"},
                 "regarding":{"apiVersion":"%s","kind":"Sliver","namespace":"default","name":"s"},
                 "reason":"Rebased","note":"tests","type":"Normal","action":"Rebase",
                 "reportingController":"veneer.dev/agent","reportingInstance":"%s",
                 "eventTime":"2026-01-01T00:00:00.000000Z"}"""
                .formatted(name, about, node);
    }
}
