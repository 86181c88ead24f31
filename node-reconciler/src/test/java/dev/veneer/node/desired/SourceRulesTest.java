package dev.veneer.node.desired;

import static dev.veneer.node.desired.Readings.NODE;
import static dev.veneer.node.desired.Readings.image;
import static dev.veneer.node.desired.Readings.ofText;
import static dev.veneer.node.desired.Readings.sliver;
import static dev.veneer.node.desired.Readings.store;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.Problem;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.testkit.RecordBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What follows from a reading: last good versions, holds and what is whose. */
class SourceRulesTest {
    private static final Instant THEN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Permissions PRUNE = new Permissions(true, false, false);
    private static final Permissions SHRINK = new Permissions(true, false, true);

    @Test
    void aWrongObjectKeepsItsLastGoodVersionAndTheOthersGoOn() {
        DesiredState good = decide(sliver("a", "driver: copy") + "---\n" + image("i"), LastKnown.NOTHING, PRUNE);
        DesiredState state = decide(sliver("a", "driver: cpoy") + "---\n" + image("i2"), known(good), PRUNE);
        assertEquals("copy", state.slivers().get(SliverId.parse("default/a")).driver());
        assertEquals(
                "standard input:1:1 (last known version)",
                state.slivers().get(SliverId.parse("default/a")).origin());
        assertEquals(Set.of("i2"), state.baseImages().keySet());
        assertEquals(Set.of("Sliver default/a"), state.source().broken());
        assertNull(state.source().hold());
    }

    @Test
    void aWrongObjectThatWasNeverGoodIsNotThere() {
        DesiredState state = decide(sliver("a", "driver: cpoy"), LastKnown.NOTHING, PRUNE);
        assertEquals(Set.of(), state.slivers().keySet());
        assertEquals(Set.of("Sliver default/a"), state.source().broken());
    }

    @Test
    void twoOfOneNameAreBothWrongAndBothPlacesAreTold() {
        DesiredState good = decide(sliver("a", "driver: copy"), LastKnown.NOTHING, PRUNE);
        DesiredState state = decide(sliver("a", "driver: overlay") + "---\n" + sliver("a"), known(good), PRUNE);
        assertEquals("copy", state.slivers().get(SliverId.parse("default/a")).driver());
        Problem problem = state.source().problems().get(0);
        assertEquals("standard input:9:1", problem.where());
        assertEquals("is declared twice, first in standard input:1:1; remove one of the two", problem.message());
    }

    @Test
    void absenceFromAWholeMeansRemoval() {
        DesiredState state = decide(images(5), known(decide(images(7), LastKnown.NOTHING, PRUNE)), PRUNE);
        assertEquals(5, state.baseImages().size());
        assertNull(state.source().hold());
        assertTrue(state.source().prunes());
    }

    @Test
    void absenceFromWhatIsNoWholeMeansNothing() {
        DesiredState state = decide("", known(decide(images(7), LastKnown.NOTHING, PRUNE)), Permissions.NONE);
        assertEquals(0, state.baseImages().size());
        assertNull(state.source().hold());
        assertEquals(false, state.source().prunes());
    }

    @ParameterizedTest
    @CsvSource({
        "7,4,false",
        "7,3,true",
        "6,3,false",
        "6,2,true",
        "5,3,false",
        "5,2,true",
        "4,1,true",
        "4,2,false",
        "3,1,false",
        "2,1,false",
        "100,50,false",
        "100,49,true"
    })
    void losingMoreThanHalfAndAtLeastThreeHolds(int before, int after, boolean holds) {
        LastKnown known = known(decide(images(before), LastKnown.NOTHING, PRUNE));
        DesiredState state = decide(images(after), known, PRUNE);
        assertEquals(holds, state.source().hold() != null, state.source().hold());
        assertEquals(holds ? before : after, state.baseImages().size(), "what is held stays in force");
        DesiredState allowed = decide(images(after), known, SHRINK);
        assertNull(allowed.source().hold());
        assertEquals(after, allowed.baseImages().size());
    }

    @Test
    void whatWasAllowedOnceIsRememberedUntilItIsGoneOrDeclaredAgain() {
        LastKnown known = known(decide(images(9), LastKnown.NOTHING, PRUNE));
        DesiredState allowed = decide(images(4), known, SHRINK);
        assertEquals(5, allowed.source().removals().size());
        // They are in use and still there the next time, which nobody allows anything.
        LastKnown waiting = new LastKnown(
                known.slivers(), known.images(), null, allowed.source().removals());
        DesiredState later = decide(images(4), waiting, PRUNE);
        assertNull(later.source().hold());
        assertEquals(4, later.baseImages().size());
        assertEquals(allowed.source().removals(), later.source().removals());
        // Neither a part of the source nor one that cannot be read says anything of them; nothing goes meanwhile.
        assertEquals(
                5,
                decide(images(4), waiting, Permissions.NONE).source().removals().size());
        DesiredState unclear = decide(images(4) + "---\nkind: [\n", waiting, PRUNE);
        assertEquals(9, unclear.baseImages().size());
        assertEquals(5, unclear.source().removals().size());
        // A further loss is judged by what is left.
        DesiredState more = decide(images(1), waiting, PRUNE);
        assertTrue(String.valueOf(more.source().hold()).startsWith("the source lost 3 of 4 objects"));
        assertEquals(4, more.baseImages().size(), "what was allowed is not among what is held");
        assertEquals(5, more.source().removals().size());
        // One is declared again, and the permission does not outlive that.
        DesiredState again = decide(images(5), waiting, PRUNE);
        assertEquals(4, again.source().removals().size());
        LastKnown gone = known(decide(images(4), LastKnown.NOTHING, PRUNE));
        assertEquals(
                Set.of(),
                decide(images(4), new LastKnown(gone.slivers(), gone.images(), null, waiting.removals()), PRUNE)
                        .source()
                        .removals());
    }

    @Test
    void theNodeStoresAnnotationAnswersAShrinkToo() {
        LastKnown known = known(decide(images(9), LastKnown.NOTHING, PRUNE));
        String annotated = store("main", "/srv/veneer")
                .replace("name: main", "name: main\n  annotations: {veneer.dev/allow-shrink: \"true\"}");
        assertNull(decide(annotated, known, PRUNE).source().hold());
    }

    @Test
    void anEmptySourceHoldsEvenASingleObject() {
        LastKnown known = known(decide(images(1), LastKnown.NOTHING, PRUNE));
        DesiredState state = decide("# nothing\n", known, PRUNE);
        assertTrue(String.valueOf(state.source().hold()).startsWith("the source is empty: nothing is deleted"));
        assertEquals(Set.of("image-0"), state.baseImages().keySet());
        assertNull(decide("", known, SHRINK).source().hold());
        assertNull(decide("", LastKnown.NOTHING, PRUNE).source().hold());
    }

    @Test
    void aDocumentThatCannotBeNamedBlocksAllDeletionsWhateverIsAllowed() {
        LastKnown known = known(decide(images(4), LastKnown.NOTHING, PRUNE));
        DesiredState state = decide(images(3) + "---\nkind: BaseImage\n", known, SHRINK);
        assertTrue(String.valueOf(state.source().hold()).contains("nothing is deleted until that is put right"));
        assertEquals(4, state.baseImages().size());
        assertNull(decide(images(4) + "---\nkind: BaseImage\n", known, PRUNE)
                .source()
                .hold());
    }

    @Test
    void onlyWhatThisSourceDeclaredLastIsMissingFromIt() {
        DesiredState good = decide(images(9), LastKnown.NOTHING, PRUNE);
        LastKnown others = known(good, "other-source");
        DesiredState state = decide(image("mine"), others, PRUNE);
        assertNull(state.source().hold());
        assertEquals(Set.of("mine"), state.baseImages().keySet());
    }

    @Test
    void whatIsRetainedIsNotMissing() {
        DesiredState good = decide(sliver("a") + "---\n" + image("i"), LastKnown.NOTHING, PRUNE);
        LastKnown known = known(good);
        List<SliverRecord> retained = new ArrayList<>();
        known.slivers().forEach(record -> retained.add(retained(record)));
        DesiredState state = decide(image("i"), new LastKnown(retained, known.images(), null, Set.of()), PRUNE);
        assertEquals(Set.of(), state.slivers().keySet());
        assertNull(state.source().hold());
    }

    @Test
    void sliversOfOtherNodesAreIgnoredButNoneIsMovedAway() {
        DesiredState state = decide(sliver("a", "nodeName: node-2"), LastKnown.NOTHING, PRUNE);
        assertEquals(Set.of(), state.slivers().keySet());
        assertEquals(List.of(), state.source().problems());
        LastKnown known = known(decide(sliver("a"), LastKnown.NOTHING, PRUNE));
        DesiredState moved = decide(sliver("a", "nodeName: node-2"), known, PRUNE);
        assertEquals(1, moved.slivers().size());
        assertEquals("spec.nodeName", moved.source().problems().get(0).field());
    }

    @Test
    void theNodeStoreOfOurPathGoverns() {
        DesiredState state = decide(
                store("other", "/srv/other", "default: true") + "---\n" + store("main", "/srv/./veneer/", "resync: 30s")
                        + "---\n" + store("far", "/srv/veneer", "nodeName: node-2"),
                LastKnown.NOTHING,
                PRUNE);
        assertEquals(
                List.of("spec.path"),
                state.source().problems().stream().map(Problem::field).toList());
        DesiredState right = decide(
                store("other", "/srv/other", "default: true") + "---\n" + store("main", "/srv/veneer", "resync: 30s")
                        + "---\n" + store("far", "/srv/veneer", "nodeName: node-2"),
                LastKnown.NOTHING,
                PRUNE);
        assertEquals("main", right.store().name());
        assertEquals(30, right.store().resync().toSeconds());
        assertNull(decide(image("i"), LastKnown.NOTHING, PRUNE).store());
    }

    @Test
    void twoNodeStoresOfOnePathAreToldAndTheFirstGoverns() {
        DesiredState state =
                decide(store("a", "/srv/veneer") + "---\n" + store("b", "/srv/veneer"), LastKnown.NOTHING, PRUNE);
        assertEquals("a", state.store().name());
        assertTrue(state.source().problems().get(0).message().contains("has the same path"));
    }

    @Test
    void aWrongNodeStoreKeepsItsLastGoodVersion() {
        DesiredState good = decide(store("main", "/srv/veneer", "resync: 30s"), LastKnown.NOTHING, PRUNE);
        LastKnown known = known(good);
        DesiredState wrong = decide(store("main", "/srv/veneer", "resync: 30d"), known, PRUNE);
        assertEquals(30, wrong.store().resync().toSeconds());
        DesiredState moved = decide(store("main", "/srv/elsewhere"), known, PRUNE);
        assertEquals(30, moved.store().resync().toSeconds());
        assertEquals("spec.path", moved.source().problems().get(0).field());
    }

    @Test
    void sliversOfOtherStoresAreIgnoredAndUnknownStoresTold() {
        String stores = store("main", "/srv/veneer", "default: true") + "---\n" + store("big", "/srv/big") + "---\n";
        DesiredState state = decide(
                stores + sliver("a") + "---\n" + sliver("b", "store: big") + "---\n" + sliver("c", "store: main")
                        + "---\n" + sliver("d", "store: bgi"),
                LastKnown.NOTHING,
                PRUNE);
        assertEquals(
                List.of("default/a", "default/c"),
                state.slivers().keySet().stream().map(SliverId::toString).toList());
        assertEquals(
                "there is no NodeStore \"bgi\" on this node; did you mean \"big\"?",
                state.source().problems().get(0).message());
    }

    @Test
    void withSeveralStoresAndNoDefaultASliverMustChoose() {
        String stores = store("main", "/srv/veneer") + "---\n" + store("big", "/srv/big") + "---\n";
        DesiredState state = decide(stores + sliver("a"), LastKnown.NOTHING, PRUNE);
        assertEquals("spec.store", state.source().problems().get(0).field());
        String defaultElsewhere = store("main", "/srv/veneer") + "---\n" + store("big", "/srv/big", "default: true");
        DesiredState elsewhere = decide(defaultElsewhere + "---\n" + sliver("a"), LastKnown.NOTHING, PRUNE);
        assertEquals(Set.of(), elsewhere.slivers().keySet());
        assertEquals(List.of(), elsewhere.source().problems());
    }

    @Test
    void aSecondStoreMovesNothing() {
        LastKnown known = known(decide(sliver("a"), LastKnown.NOTHING, PRUNE));
        String stores = store("main", "/srv/veneer") + "---\n" + store("big", "/srv/big", "default: true") + "---\n";
        assertEquals(1, decide(stores + sliver("a"), known, PRUNE).slivers().size());
    }

    private static String images(int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append("---\n").append(image("image-" + i));
        }
        return text.toString();
    }

    private static DesiredState decide(String text, LastKnown known, Permissions permissions) {
        return SourceRules.decide(ofText(text), known, NODE, permissions);
    }

    /** What the store would know after this state was applied. */
    private static LastKnown known(DesiredState state) {
        return known(state, state.source().id());
    }

    private static LastKnown known(DesiredState state, String source) {
        Digest digest = Digest.parse("sha256:" + "0".repeat(64));
        List<SliverRecord> slivers = new ArrayList<>();
        for (DesiredSliver sliver : state.slivers().values()) {
            slivers.add(RecordBuilder.of(sliver.id())
                    .declared(source, sliver.canonicalSpec())
                    .createdAt(THEN)
                    .driver("copy")
                    .store("main")
                    .base("i", digest)
                    .build());
        }
        List<ImageRecord> images = new ArrayList<>();
        for (DesiredBaseImage image : state.baseImages().values()) {
            images.add(new ImageRecord(image.name(), "uid", 1, source, THEN, image.canonicalSpec(), digest));
        }
        @Nullable
        NodeStoreRecord store = state.store() == null
                ? null
                : new NodeStoreRecord(
                        state.store().name(),
                        "uid",
                        1,
                        THEN,
                        source,
                        state.store().canonicalSpec());
        return new LastKnown(slivers, images, store, state.source().removals());
    }

    private static SliverRecord retained(SliverRecord record) {
        return RecordBuilder.of(record.id())
                .uid(record.uid())
                .declared(record.sourceId(), record.canonicalSpec())
                .createdAt(THEN)
                .driver("copy")
                .store("main")
                .base("i", record.baseDigest())
                .retainedAt(THEN)
                .build();
    }
}
