package dev.veneer.node.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.veneer.api.Reason;
import dev.veneer.api.v1alpha1.StoredBaseImage;
import dev.veneer.api.v1alpha1.StoredBaseImage.State;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.model.ActualImage;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.ImageSource;
import dev.veneer.node.model.NodeFacts;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SourceState;
import dev.veneer.node.plan.Finding;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a NodeStore says of base images: also of those that are not here, and why. */
class StoredImagesTest {
    private static final Digest ONE = Digest.parse("sha256:" + "1".repeat(64));
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final Map<String, DesiredBaseImage> declared = new TreeMap<>();
    private final Map<String, ActualImage> there = new TreeMap<>();
    private final Map<Digest, BaseRecord> bases = new TreeMap<>();
    private final Map<ObjectRef, Situation> situations = new HashMap<>();

    private static DesiredBaseImage image(String name, String uid) {
        return new DesiredBaseImage(
                name,
                new ImageSource.Directory("/srv/" + name),
                Duration.ofHours(24),
                false,
                false,
                "{}",
                "test",
                uid == null ? null : new DeclaredIdentity(uid, 1, false));
    }

    private void stored(String name, String uid, Digest digest) {
        there.put(name, new ActualImage(new ImageRecord(name, uid, 1, "c", NOW, "{}", digest), image(name, null)));
        bases.put(digest, new BaseRecord(digest, 1000, 10, NOW, Set.of(BaseForm.DIR), null, Duration.ofHours(24)));
    }

    private void found(String name, Reason reason, String message) {
        ObjectRef ref = ObjectRef.image(name);
        Finding finding = new Finding(ref, reason, Follow.RETRY, message);
        situations.put(ref, new Situation(List.of(finding), List.of(), List.of(), null, null));
    }

    private List<StoredBaseImage> rows() {
        NodeFacts facts = new NodeFacts("n", "/s", "/s/rootfs", 0, 0, false, List.of(), "", List.of());
        ActualState actual = new ActualState(facts, there, bases, Map.of(), List.of(), null, new TreeMap<>(), false);
        SourceState source = new SourceState("c", false, null, false, Set.of(), List.of());
        return StoredImages.rows(new DesiredState(declared, Map.of(), null, source), actual, situations);
    }

    private static StoredBaseImage row(String name, String uid, Digest digest, State state, Long bytes, String reason) {
        return new StoredBaseImage(name, uid, digest == null ? null : digest.toString(), state, bytes, null, reason);
    }

    @Test
    void whatIsHereIsReady() {
        stored("debian", "a", ONE);
        declared.put("debian", image("debian", "a"));
        assertEquals(List.of(row("debian", "a", ONE, State.Ready, 1000L, null)), rows());
        bases.clear();
        assertEquals(List.of(row("debian", "a", ONE, State.Pending, null, null)), rows());
        // In files the store gives the uid.
        declared.put("debian", image("debian", null));
        assertEquals(List.of(row("debian", "a", ONE, State.Pending, null, null)), rows());
    }

    /** A first import that fails has no record. */
    @Test
    void anImportThatFailsIsToldWithItsReason() {
        declared.put("debian", image("debian", "a"));
        assertEquals(List.of(row("debian", "a", null, State.Pending, null, null)), rows());
        found("debian", Reason.FetchFailed, "https://images.example/x: 404");
        assertEquals(
                List.of(row("debian", "a", null, State.Failed, null, "FetchFailed: https://images.example/x: 404")),
                rows());
        found("debian", Reason.LowSpace, "full");
        assertEquals(List.of(row("debian", "a", null, State.Pending, null, "LowSpace: full")), rows());
    }

    @Test
    void whatIsHereOfADeletedOneIsNotTheNewOnes() {
        stored("debian", "a", ONE);
        declared.put("debian", image("debian", "b"));
        assertEquals(List.of(row("debian", "b", null, State.Pending, null, null)), rows());
        declared.clear();
        assertEquals(List.of(row("debian", "a", ONE, State.Ready, 1000L, null)), rows());
    }

    /** What lies here stays usable whatever is wrong with what was declared after it. */
    @Test
    void troubleWithAnEditDoesNotTakeAnImageAway() {
        stored("debian", "a", ONE);
        declared.put("debian", image("debian", "a"));
        found("debian", Reason.Immutable, "spec.source cannot be changed");
        assertEquals(State.Ready, rows().get(0).state());
    }
}
