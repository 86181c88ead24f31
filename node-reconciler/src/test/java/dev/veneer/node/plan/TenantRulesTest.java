package dev.veneer.node.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.DeclaredSpecs;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.DesiredStore;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.NamespaceTrust;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.RootfsFacts;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.SourceState;
import dev.veneer.node.model.UserNamespaceMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What slivers of a cluster's namespaces may ask for, and from which base images they may be made. */
class TenantRulesTest {
    private static final SliverId WEB = new SliverId("default", "web");

    private final FakeWorld world = new FakeWorld();
    private final Declared web = world.declare("web");

    @BeforeEach
    void allow() {
        world.declareImage("debian");
        DesiredStore store = world.store;
        world.store = new DesiredStore(
                store.name(),
                store.drivers(),
                store.minFreeBytes(),
                store.idRanges(),
                List.of("/srv"),
                true,
                store.allowHostPaths(),
                true,
                store.maxParallelRewrites(),
                store.resync(),
                store.canonicalSpec(),
                store.origin());
    }

    private void make() {
        world.converge();
    }

    private String uid() {
        return world.thing(WEB).record.uid();
    }

    private Plan plan(String uid, NamespaceTrust trust, @Nullable DesiredBaseImage image) {
        PlanInput input = world.input();
        DesiredSliver declared = web.toSliver().as(new DeclaredIdentity(uid, 5, true).in(null, trust));
        DesiredState desired = new DesiredState(
                image == null ? input.desired().baseImages() : Map.of(image.name(), image),
                Map.of(WEB, declared),
                null,
                new SourceState(FakeWorld.SOURCE, false, null, false, Set.of(), List.of()));
        return Planner.plan(new PlanInput(desired, input.actual(), input.store(), input.now(), Map.of()));
    }

    private static List<Finding> findings(Plan plan) {
        return plan.findings().stream()
                .filter(finding -> finding.object().equals(ObjectRef.of(WEB)))
                .toList();
    }

    private static List<Action> ofSliver(Plan plan) {
        return plan.actions().stream()
                .filter(action -> action.object().equals(ObjectRef.of(WEB)))
                .toList();
    }

    private static void assertRefused(Plan plan, Reason reason, Follow follow, String words) {
        List<Finding> found = findings(plan);
        assertEquals(1, found.size(), found.toString());
        assertEquals(reason, found.get(0).reason());
        assertEquals(follow, found.get(0).follow());
        assertTrue(found.get(0).message().contains(words), found.get(0).message());
    }

    @Test
    void aNewOneIsMadeInTrustedNamespacesOnly() {
        world.converge();
        world.actual.clear();
        web.rootfs = "/srv/web";
        assertTrue(findings(plan("u", NamespaceTrust.TRUSTED, null)).isEmpty());
        Plan plan = plan("u", NamespaceTrust.UNTRUSTED, null);
        assertRefused(plan, Reason.NotAllowed, Follow.STALLED, "spec.rootfs is only for namespaces with the label");
        assertTrue(plan.actions().stream().noneMatch(action -> action.object().equals(ObjectRef.of(WEB))));
        plan = plan("u", NamespaceTrust.UNKNOWN, null);
        assertRefused(plan, Reason.Progressing, Follow.WAIT, "labels of namespace default");
        assertTrue(plan.actions().stream().noneMatch(action -> action.object().equals(ObjectRef.of(WEB))));
        web.rootfs = null;
        assertTrue(findings(plan("u", NamespaceTrust.UNKNOWN, null)).isEmpty());
        web.userNamespace = UserNamespaceMode.Host;
        assertRefused(
                plan("u", NamespaceTrust.UNTRUSTED, null), Reason.NotAllowed, Follow.STALLED, "userNamespace: Host");
    }

    @Test
    void itsBaseImageIsNotEvenImported() {
        web.rootfs = "/srv/web";
        DesiredBaseImage image = Declared.image("debian", "file:/debian.tar").as(new DeclaredIdentity("i", 1, false));
        assertEquals(List.of(), plan("u", NamespaceTrust.UNTRUSTED, image).actions());
        web.rootfs = null;
        assertTrue(plan("u", NamespaceTrust.UNTRUSTED, image).actions().stream()
                .anyMatch(Action.ImportImage.class::isInstance));
    }

    @Test
    void oneThatIsThereStaysAndIsHealedButGetsNothingNew() {
        web.rootfs = "/srv/web";
        make();
        assertTrue(findings(plan(uid(), NamespaceTrust.UNTRUSTED, null)).isEmpty());
        world.thing(WEB).rootfs = new RootfsFacts.Absent();
        Plan plan = plan(uid(), NamespaceTrust.UNTRUSTED, null);
        assertTrue(
                plan.actions().stream().anyMatch(Action.Mount.class::isInstance),
                plan.actions().toString());
        world.converge();
        web.instanceSerial = 2;
        plan = plan(uid(), NamespaceTrust.UNTRUSTED, null);
        assertRefused(plan, Reason.NotAllowed, Follow.STALLED, "spec.rootfs");
        assertTrue(plan.actions().stream().noneMatch(Action.NewInstance.class::isInstance));
        plan = plan(uid(), NamespaceTrust.UNKNOWN, null);
        assertRefused(plan, Reason.Progressing, Follow.WAIT, "spec.rootfs");
        assertTrue(plan(uid(), NamespaceTrust.TRUSTED, null).actions().stream()
                .anyMatch(Action.NewInstance.class::isInstance));
    }

    @Test
    void dataAreTakenUpByWhoMayAskForThemOnly() {
        web.rootfs = "/srv/web";
        make();
        Plan plan = plan("another", NamespaceTrust.UNTRUSTED, null);
        assertRefused(plan, Reason.NotAllowed, Follow.STALLED, "spec.rootfs");
        assertEquals(List.of(), plan.actions());
        assertEquals(1, plan("another", NamespaceTrust.TRUSTED, null).actions().size());
        RecordEdit edit = new RecordEdit(world.thing(WEB).record);
        edit.retain(world.now);
        SliverRecord retained = edit.toRecord();
        world.updateSliver(new Action.UpdateSliver(retained, "test"));
        plan = plan("another", NamespaceTrust.UNTRUSTED, null);
        assertRefused(plan, Reason.NotAllowed, Follow.STALLED, "spec.rootfs");
        assertEquals(List.of(), plan.actions());
    }

    private static DesiredBaseImage imageFor(String name, String... namespaces) {
        return DeclaredSpecs.image(
                name,
                "{\"source\":{\"archive\":{\"url\":\"file:/" + name
                        + ".tar\"}},\"retention\":{\"keepUnreferenced\":\"24h\"}," + "\"allowedNamespaces\":[\""
                        + String.join("\",\"", namespaces) + "\"]}",
                "test");
    }

    @Test
    void aBaseImageIsForTheNamespacesThatItNames() {
        world.converge();
        world.actual.clear();
        assertTrue(findings(plan("u", NamespaceTrust.TRUSTED, imageFor("debian", "other", "default")))
                .isEmpty());
        Plan plan = plan("u", NamespaceTrust.TRUSTED, imageFor("debian", "other"));
        assertRefused(plan, Reason.NotAllowed, Follow.STALLED, "BaseImage debian is not for namespace default");
        assertTrue(!findings(plan).get(0).message().contains("other"), "other tenants' namespaces are not told");
        assertEquals(List.of(), ofSliver(plan));
    }

    @Test
    void oneThatStandsOnItStaysAndIsNotMovedToAnother() {
        world.declareImage("alpine");
        make();
        assertTrue(findings(plan(uid(), NamespaceTrust.TRUSTED, imageFor("debian", "other")))
                .isEmpty());
        web.baseImage = "alpine";
        Plan plan = plan(uid(), NamespaceTrust.TRUSTED, imageFor("alpine", "other"));
        assertRefused(plan, Reason.NotAllowed, Follow.STALLED, "the sliver stays on debian");
        assertTrue(plan.actions().stream().noneMatch(Rewrite.class::isInstance));
        assertTrue(plan(uid(), NamespaceTrust.TRUSTED, imageFor("alpine", "default")).actions().stream()
                .anyMatch(Rewrite.class::isInstance));
    }

    @Test
    void anImageThatIsAnotherForItsClusterIsNotUsed() {
        make();
        Digest here = FakeWorld.digestOf("file:/debian.tar");
        DesiredBaseImage same = Declared.image("debian", "file:/debian.tar").agreedOn(here);
        assertEquals(List.of(), plan(uid(), NamespaceTrust.TRUSTED, same).findings());
        DesiredBaseImage other = same.agreedOn(new Digest("0".repeat(64)));
        Plan plan = plan(uid(), NamespaceTrust.TRUSTED, other);
        // Its generation is written down, and nothing else done.
        assertTrue(plan.actions().stream().allMatch(Action.UpdateSliver.class::isInstance));
        assertEquals(
                List.of(Reason.DigestMismatch),
                plan.findings().stream().map(Finding::reason).toList());
        world.actual.clear();
        assertRefused(
                plan("u", NamespaceTrust.TRUSTED, other), Reason.BaseImageNotReady, Follow.WAIT, "for its cluster");
    }

    @Test
    void theFirstImportExpectsWhatTheClusterAgreedOn() {
        Digest agreed = new Digest("1".repeat(64));
        DesiredBaseImage image = Declared.image("debian", "file:/debian.tar").agreedOn(agreed);
        Action first = plan("u", NamespaceTrust.TRUSTED, image).actions().get(0);
        assertEquals(agreed, ((Action.ImportImage) first).expected());
    }

    /** A person who is refused here and there reads the same. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"rootfs\":\"/srv/x\"",
                "\"lxc\":{\"config\":[\"lxc.mount.entry = /etc etc none bind 0 0\"]}",
                "\"userNamespace\":\"Host\"",
                "\"content\":{\"archive\":{\"url\":\"file:///root/backup.tar\"}}",
                "\"content\":{\"archive\":{\"url\":\"https://x.example/a.tar\",\"mirrors\":[\"file:///x\"]}}",
                "\"content\":{\"archive\":{\"url\":\"https://x.example/a.tar\",\"secretRef\":{\"name\":\"s\"}}}",
                "\"content\":{\"archive\":{\"url\":\"https://x.example/a.tar\",\"caSecretRef\":{\"name\":\"s\"}}}"
            })
    void theAdmissionPolicyUsesTheSameWords(String asked) throws IOException {
        String reach = TenantRules.reach(sliver(asked));
        String policy = Files.readString(Path.of("../manifests/kubernetes/base/policy-tenants.yaml"));
        assertTrue(reach != null && policy.contains("message: \"" + reach + "\""), reach);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"userNamespace\":\"Always\"",
                "\"lxc\":{\"network\":{\"bridge\":\"br0\"}}",
                "\"content\":{\"archive\":{\"url\":\"https://x.example/a.tar\",\"mirrors\":[\"https://y.example/a\"]}}"
            })
    void whatStaysInsideIsForAll(String asked) {
        assertEquals(null, TenantRules.reach(sliver(asked)));
    }

    private static DesiredSliver sliver(String asked) {
        String defaults =
                "{\"nodeName\":\"n\",\"baseImage\":\"debian\",\"driver\":\"auto\",\"desiredState\":\"Deployed\","
                        + (asked.contains("userNamespace") ? "" : "\"userNamespace\":\"Auto\",")
                        + (asked.contains("lxc") ? "" : "\"lxc\":{},")
                        + "\"personalize\":true,\"instanceSerial\":1,\"keepPrevious\":\"24h\",\"deletionPolicy\":\"Delete\","
                        + "\"update\":{\"policy\":\"Restart\",\"grace\":\"30s\"},\"suspend\":false," + asked + "}";
        return DeclaredSpecs.sliver(WEB, defaults, "test");
    }
}
