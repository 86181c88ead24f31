package dev.veneer.controller.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.v1alpha1.BaseImageNodes;
import dev.veneer.api.v1alpha1.BaseImageStatus;
import dev.veneer.api.v1alpha1.Condition;
import dev.veneer.api.v1alpha1.StoredBaseImage;
import dev.veneer.api.v1alpha1.StoredBaseImage.State;
import dev.veneer.controller.decide.ImageDecision.Finalizer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ImageDecisionTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String ONE = "sha256:" + "1".repeat(64);
    private static final String TWO = "sha256:" + "2".repeat(64);

    private static ImageDecision.Image fresh() {
        return new ImageDecision.Image(3, false, true, false, null);
    }

    private static ImageUse use(int slivers, Set<String> nodes, ImageUse.Report... reports) {
        return new ImageUse(slivers, nodes, Set.of(), List.of(reports));
    }

    private static ImageUse.Report ready(String node, String digest) {
        return new ImageUse.Report(node, State.Ready, digest, 1000L);
    }

    private static Condition ready(ImageDecision decision) {
        return ConditionList.find(decision.status().conditions(), "Ready").orElseThrow();
    }

    @Test
    void whatNobodyNeedsIsReady() {
        ImageDecision decision = ImageDecision.of(fresh(), use(0, Set.of()), NOW);
        assertEquals(new BaseImageNodes(0, 0, 0, 0), decision.status().nodes());
        assertEquals(3, decision.status().observedGeneration());
        assertEquals(null, decision.status().blockedBy());
        assertEquals(Condition.Status.True, ready(decision).status());
    }

    @Test
    void theFirstDigestReportedStays() {
        ImageUse both = use(2, Set.of("a", "b"), ready("a", ONE), ready("b", TWO));
        ImageDecision decision = ImageDecision.of(fresh(), both, NOW);
        assertEquals(ONE, decision.status().digest());
        assertEquals("DigestMismatch", ready(decision).reason());
        assertTrue(
                ready(decision).message().contains("b computed another"),
                ready(decision).message());
        assertEquals(new BaseImageNodes(2, 1, 0, 1), decision.status().nodes());
        assertTrue(ConditionList.find(decision.status().conditions(), "Stalled").isPresent());

        // Also when the node that reported it is gone, and all others agree on another.
        ImageDecision.Image known = new ImageDecision.Image(3, false, true, false, decision.status());
        ImageDecision later = ImageDecision.of(known, use(1, Set.of("b"), ready("b", TWO)), NOW);
        assertEquals(ONE, later.status().digest());
        assertEquals("DigestMismatch", ready(later).reason());
    }

    @Test
    void aNodeThatImportsDecidesNoDigest() {
        ImageUse.Report importing = new ImageUse.Report("a", State.Importing, ONE, null);
        ImageDecision decision = ImageDecision.of(fresh(), use(1, Set.of("a"), importing), NOW);
        assertEquals(null, decision.status().digest());
        assertEquals("Progressing", ready(decision).reason());
    }

    @Test
    void nodesAreCountedWhereItIsNeeded() {
        ImageUse use = use(
                9,
                Set.of("a", "b", "c", "d"),
                ready("a", ONE),
                new ImageUse.Report("b", State.Importing, null, null),
                new ImageUse.Report("c", State.Failed, null, null),
                ready("elsewhere", ONE));
        ImageDecision decision = ImageDecision.of(fresh(), use, NOW);
        // Of d nothing is known yet.
        assertEquals(new BaseImageNodes(4, 1, 2, 1), decision.status().nodes());
        assertEquals(1000L, decision.status().bytes());
        assertTrue(
                ready(decision).message().contains("fails on c"),
                ready(decision).message());
        assertEquals(9, decision.status().blockedBy().count());
        assertEquals(List.of(), decision.status().blockedBy().first());
    }

    @Test
    void aMessageNamesFewNodes() {
        Set<String> nodes = new TreeSet<>();
        List<ImageUse.Report> reports = new ArrayList<>();
        for (int i = 10; i < 50; i++) {
            nodes.add("n" + i);
            reports.add(new ImageUse.Report("n" + i, State.Failed, null, null));
        }
        String message = ready(ImageDecision.of(fresh(), new ImageUse(40, nodes, Set.of(), reports), NOW))
                .message();
        assertTrue(message.contains("n10, n11, n12, n13, n14 and 35 more"), message);
    }

    @Test
    void itIsProtectedFromTheStartAndLetGoWhenUnused() {
        assertEquals(Finalizer.PUT, finalizer(new ImageDecision.Image(1, false, false, false, null), 0));
        assertEquals(Finalizer.KEEP, finalizer(new ImageDecision.Image(1, false, true, false, null), 0));
        assertEquals(Finalizer.KEEP, finalizer(new ImageDecision.Image(1, true, true, false, null), 1));
        assertEquals(Finalizer.TAKE_OFF, finalizer(new ImageDecision.Image(1, true, true, false, null), 0));
        // An object that is going takes no new finalizer.
        assertEquals(Finalizer.KEEP, finalizer(new ImageDecision.Image(1, true, false, false, null), 5));
        assertEquals(Finalizer.KEEP, finalizer(new ImageDecision.Image(1, true, true, true, null), 0));
        ImageDecision waiting = ImageDecision.of(
                new ImageDecision.Image(1, true, true, false, null), use(2, Set.of("a"), ready("a", ONE)), NOW);
        assertEquals("InUse", ready(waiting).reason());
    }

    private static Finalizer finalizer(ImageDecision.Image image, int slivers) {
        return ImageDecision.of(image, use(slivers, Set.of()), NOW).finalizer();
    }

    @Test
    void aTransitionKeepsItsTimeAndTheSameStatusIsTheSame() {
        ImageUse use = use(1, Set.of("a"), ready("a", ONE));
        BaseImageStatus first = ImageDecision.of(fresh(), use, NOW).status();
        ImageDecision.Image known = new ImageDecision.Image(3, false, true, false, first);
        assertEquals(first, ImageDecision.of(known, use, NOW.plusSeconds(99)).status());
    }

    @Test
    void numbersAreNoNews() {
        ImageDecision one = ImageDecision.of(fresh(), use(1, Set.of("a"), ready("a", ONE)), NOW);
        ImageDecision more = ImageDecision.of(
                new ImageDecision.Image(3, false, true, false, one.status()),
                use(7, Set.of("a", "b"), ready("a", ONE), ready("b", ONE)),
                NOW);
        assertFalse(more.saysNews(one.status()));
        ImageDecision waiting = ImageDecision.of(
                new ImageDecision.Image(3, false, true, false, one.status()),
                use(8, Set.of("a", "c"), ready("a", ONE)),
                NOW);
        assertTrue(waiting.saysNews(one.status()));
        assertTrue(one.saysNews(null));
    }

    private static ImageUse silent(ImageUse use, String... nodes) {
        return new ImageUse(use.slivers(), use.nodes(), Set.of(nodes), use.reports());
    }

    @Test
    void aRowOfAnotherObjectOfTheNameDoesNotCount() {
        StoredBaseImage row = new StoredBaseImage("debian", "uid-a", ONE, State.Ready, 1L, null, null);
        assertTrue(ImageUse.isOf(row, "debian", "uid-a"));
        assertFalse(ImageUse.isOf(row, "debian", "uid-b"));
        assertFalse(ImageUse.isOf(row, "alpine", "uid-a"));
        // An older agent says none.
        StoredBaseImage older = new StoredBaseImage("debian", null, ONE, State.Ready, 1L, null, null);
        assertTrue(ImageUse.isOf(older, "debian", "uid-b"));
    }

    @Test
    void aNodeThatDoesNotReportKeepsNothingFromBeingReady() {
        ImageUse.Report failed = new ImageUse.Report("b", State.Failed, null, null);
        ImageUse use = use(3, Set.of("a", "b", "c"), ready("a", ONE), failed, ready("c", ONE));
        assertEquals("Failed", ready(ImageDecision.of(fresh(), use, NOW)).reason());
        ImageDecision decision = ImageDecision.of(fresh(), silent(use, "b", "c"), NOW);
        assertEquals("Succeeded", ready(decision).reason());
        // What c has, it has.
        assertEquals(new BaseImageNodes(3, 2, 1, 0), decision.status().nodes());
        assertTrue(
                ready(decision).message().contains("2 of 3 nodes")
                        && ready(decision).message().contains("1 of the others"),
                ready(decision).message());

        ImageUse other = use(2, Set.of("a", "b"), ready("a", ONE), ready("b", TWO));
        assertEquals(
                "DigestMismatch", ready(ImageDecision.of(fresh(), other, NOW)).reason());
        assertEquals(
                "Succeeded",
                ready(ImageDecision.of(fresh(), silent(other, "b"), NOW)).reason());
    }

    @Test
    void anotherContentWhereNobodyNeedsItDoesNotMatter() {
        ImageUse use = use(1, Set.of("a"), ready("a", ONE), ready("elsewhere", TWO));
        assertEquals("Succeeded", ready(ImageDecision.of(fresh(), use, NOW)).reason());
    }

    /** As a newer agent may say. */
    @Test
    void aStateThatIsUnknownHereIsWaitedFor() {
        ImageUse use = use(1, Set.of("a"), new ImageUse.Report("a", null, null, null));
        ImageDecision decision = ImageDecision.of(fresh(), use, NOW);
        assertEquals(new BaseImageNodes(1, 0, 1, 0), decision.status().nodes());
        assertEquals("Progressing", ready(decision).reason());
    }
}
