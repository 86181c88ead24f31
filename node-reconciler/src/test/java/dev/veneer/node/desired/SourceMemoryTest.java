package dev.veneer.node.desired;

import static dev.veneer.node.desired.Readings.NODE;
import static dev.veneer.node.desired.Readings.image;
import static dev.veneer.node.desired.Readings.ofText;
import static dev.veneer.node.desired.Readings.sliver;
import static dev.veneer.node.desired.Readings.store;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.model.ActualImage;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.NodeFacts;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.OrderedMap;
import dev.veneer.node.model.Problem;
import dev.veneer.node.model.RootfsFacts;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.SourceRecord;
import dev.veneer.node.testkit.RecordBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That a memory makes no difference to a decision, whatever changes between one and the next. */
class SourceMemoryTest {
    private static final Instant THEN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Digest DIGEST = Digest.parse("sha256:" + "0".repeat(64));
    private static final String SOURCE = "source";
    private static final NodeFacts FACTS =
            new NodeFacts(NODE.name(), NODE.storePath(), "/rootfs", 1 << 30, 1 << 30, false, List.of(), "", List.of());

    private static ReadObject object(String text) {
        return ofText(text).objects().get(0);
    }

    private static List<ReadObject> good() {
        List<ReadObject> objects = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            objects.add(object(sliver("s" + i)));
        }
        objects.add(object(image("debian")));
        return objects;
    }

    private static ReadObject variant(Random random) {
        String name = "s" + random.nextInt(12);
        return switch (random.nextInt(40)) {
            case 0 -> object(sliver(name, "driver: cpoy"));
            case 1 -> object(sliver(name, "nodeName: node-2"));
            case 2 -> object(sliver(name, "store: second"));
            case 3 ->
                object(store(
                        random.nextBoolean() ? "main" : "second", "/srv/" + (random.nextBoolean() ? "veneer" : "b")));
            case 4, 5, 6, 7 -> object(image("i" + random.nextInt(3)));
            case 8, 9 -> object(image("debian"));
            default -> object(sliver(name, "driver: " + (random.nextBoolean() ? "copy" : "overlay")));
        };
    }

    /** What the store knows: mostly what was decided, as it is after a pass; some of it of others, some retained. */
    private static final class Known {
        private OrderedMap<SliverId, ActualSliver> slivers = OrderedMap.empty();
        private final TreeMap<String, ActualImage> images = new TreeMap<>();
        private NodeStoreRecord store;
        private Set<ObjectRef> removals = Set.of();

        ActualState state() {
            SourceRecord source = new SourceRecord(SOURCE, "paths", THEN, removals);
            return new ActualState(
                    FACTS, images, Map.of(), slivers, List.of(), store, new TreeMap<>(Map.of(SOURCE, source)), false);
        }

        LastKnown last() {
            return new LastKnown(
                    slivers.values().stream().map(ActualSliver::record).toList(),
                    images.values().stream().map(ActualImage::record).toList(),
                    store,
                    removals);
        }

        void apply(DesiredState desired, Random random) {
            Map<SliverId, Optional<ActualSliver>> changes = new HashMap<>();
            if (random.nextInt(3) > 0) {
                slivers.keySet().forEach(id -> {
                    if (!desired.slivers().containsKey(id)) {
                        changes.put(id, Optional.empty());
                    }
                });
            }
            desired.slivers().forEach((id, sliver) -> {
                ActualSliver before = slivers.get(id);
                if (before == null || !before.record().canonicalSpec().equals(sliver.canonicalSpec())) {
                    String source = random.nextInt(40) == 0 ? "other" : SOURCE;
                    Instant retained = random.nextInt(60) == 0 ? THEN : null;
                    changes.put(
                            id,
                            Optional.of(new ActualSliver(
                                    record(id, sliver.canonicalSpec(), source, retained),
                                    sliver,
                                    Set.of(1),
                                    new RootfsFacts.Foreign("tmpfs"),
                                    ContainerState.NONE)));
                }
            });
            slivers = slivers.with(changes);
            removals = desired.source().removals();
            if (random.nextInt(3) == 0) {
                images.clear();
                desired.baseImages()
                        .forEach((name, image) -> images.put(
                                name,
                                new ActualImage(
                                        new ImageRecord(name, "uid", 1, SOURCE, THEN, image.canonicalSpec(), DIGEST),
                                        image)));
            }
            if (desired.store() != null && random.nextInt(4) == 0) {
                store = new NodeStoreRecord(
                        desired.store().name(),
                        "uid",
                        1,
                        THEN,
                        SOURCE,
                        desired.store().canonicalSpec());
            }
        }
    }

    private static SliverRecord record(SliverId id, String spec, String source, Instant retained) {
        return RecordBuilder.of(id)
                .declared(source, spec)
                .createdAt(THEN)
                .driver("copy")
                .store("main")
                .base("i", DIGEST)
                .retainedAt(retained)
                .build();
    }

    private static void change(List<ReadObject> objects, Random random) {
        for (int i = random.nextInt(3); i > 0; i--) {
            ReadObject other = variant(random);
            int place = random.nextInt(objects.size() + 1);
            switch (random.nextInt(8)) {
                case 0 -> objects.add(place, other);
                case 1 -> objects.removeIf(object -> object.ref().equals(other.ref()));
                default -> {
                    boolean there = objects.removeIf(object -> object.ref().equals(other.ref()));
                    objects.add(there ? Math.min(place, objects.size()) : objects.size(), other);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
    void whatIsRememberedMakesNoDifference(int seed) {
        Random random = new Random(seed);
        Permissions permissions = new Permissions(random.nextBoolean(), random.nextBoolean(), random.nextInt(4) == 0);
        SourceMemory memory = new SourceMemory(NODE, permissions);
        Known known = new Known();
        List<ReadObject> objects = good();
        for (int step = 0; step < 400; step++) {
            if (step % 10 == 9) {
                objects = good();
            }
            if (random.nextInt(3) > 0) {
                change(objects, random);
            }
            List<Problem> problems = random.nextInt(40) > 0
                    ? List.of()
                    : List.of(new Problem("file:1:1", null, null, "", "is wrong", random.nextBoolean()));
            Reading reading = new Reading(SOURCE, random.nextInt(40) > 0, objects, problems);
            DesiredState expected = SourceRules.decide(reading, known.last(), NODE, permissions);
            DesiredState decided = memory.decide(reading, known.state());
            assertEquals(expected, decided, "seed " + seed + ", step " + step);
            assertSame(decided, memory.decide(reading, known.state()));
            if (random.nextInt(3) > 0) {
                known.apply(decided, random);
            }
        }
        assertTrue(memory.wholes() < 350, memory.wholes() + " of 400 steps were decided anew");
    }

    @Test
    void anEditOfASliverDecidesAboutNoOther() {
        SourceMemory memory = new SourceMemory(NODE, Permissions.NONE);
        Known known = new Known();
        List<ReadObject> objects = good();
        DesiredState first = memory.decide(new Reading(SOURCE, true, objects, List.of()), known.state());
        for (int i = 0; i < 20; i++) {
            ReadObject edited = object(sliver("s" + i % 12, "driver: copy"));
            objects.set(i % 12, edited);
            DesiredState second = memory.decide(new Reading(SOURCE, true, objects, List.of()), known.state());
            assertEquals(
                    Set.of(SliverId.parse("default/s" + i % 12)),
                    OrderedMap.differences(first.slivers(), second.slivers()));
            first = second;
        }
        assertEquals(1, memory.wholes());
    }
}
