package dev.veneer.node.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.PreviousRevision;
import dev.veneer.node.model.Rerun;
import dev.veneer.node.model.RewriteSettings;
import dev.veneer.node.model.RollbackState;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.Snapshot;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a sliver's record says is read as it was written, whatever of it is there. */
class SliverRecordCodecTest {
    private static SliverRecord record(Random random) {
        boolean held = random.nextBoolean();
        return new SliverRecord(
                Samples.id("web"),
                "uid",
                1 + random.nextInt(9),
                "files-1",
                Samples.NOW,
                "{}",
                "overlay",
                "first",
                "node",
                "/srv/web",
                "debian",
                Samples.BASE,
                1 + random.nextInt(9),
                1 + random.nextInt(9),
                random.nextBoolean() ? new IdRange(1_000_000, 65_536) : null,
                random.nextBoolean()
                        ? List.of()
                        : List.of(new PreviousRevision(
                                7,
                                "Rollback",
                                "copy",
                                "alpine",
                                Samples.digest(2),
                                Samples.NOW,
                                time(random),
                                reruns(random))),
                random.nextBoolean()
                        ? List.of()
                        : List.of(
                                new Snapshot(12, 1, time(random), "overlay", "debian", Samples.BASE, reruns(random)),
                                new Snapshot(11, 3, time(random), "copy", "alpine", Samples.digest(3), reruns(random))),
                new RollbackState(
                        random.nextInt(3),
                        random.nextInt(3),
                        random.nextBoolean() ? null : time(random),
                        held ? "baseImage debian, driver auto, instanceSerial 1" : null,
                        random.nextBoolean() ? null : new RewriteSettings.Rollback(7, random.nextInt(3))),
                reruns(random),
                random.nextBoolean() ? null : time(random),
                random.nextBoolean() ? null : time(random),
                random.nextBoolean(),
                random.nextBoolean() ? null : "4711-\u00e9");
    }

    private static List<Rerun> reruns(Random random) {
        return random.nextBoolean()
                ? List.of()
                : List.of(new Rerun(List.of("ldconfig", "-X", "\u0007\u00e9\""), "why"));
    }

    private static Instant time(Random random) {
        return Samples.NOW.plusMillis(random.nextInt(1_000_000));
    }

    private static SliverRecord read(byte[] bytes) throws BadRecordException {
        return RecordCodec.sliver(JsonObject.parse(bytes));
    }

    @Test
    void isReadAsWritten() throws Exception {
        for (int seed = 0; seed < 1_000; seed++) {
            SliverRecord record = record(new Random(seed));
            assertEquals(record, read(RecordCodec.encode(record)), "seed " + seed);
        }
    }

    /** A hold that is forgotten would have the sliver changed against its owner's will. */
    @Test
    void aHoldWithoutAnyOrderIsKept() throws Exception {
        for (int seed = 0; ; seed++) {
            SliverRecord record = record(new Random(seed));
            if (record.rollbackSerial() == 0 && record.heldStandpoint() != null) {
                assertEquals(
                        record.heldStandpoint(),
                        read(RecordCodec.encode(record)).heldStandpoint());
                return;
            }
        }
    }

    @Test
    void whatIsCutShortOrOfTheWrongKindIsRefused() {
        for (int seed = 0; seed < 20; seed++) {
            byte[] whole = RecordCodec.encode(record(new Random(seed)));
            for (int length = 0; length < whole.length - 2; length++) {
                byte[] cut = java.util.Arrays.copyOf(whole, length);
                assertThrows(BadRecordException.class, () -> read(cut));
            }
        }
        String text = "";
        for (int seed = 0; !text.contains("\"snapshots\":[{") || !text.contains("\"previous\":[{"); seed++) {
            text = new String(RecordCodec.encode(record(new Random(seed))), StandardCharsets.UTF_8);
        }
        for (String wrong : List.of(
                text.replaceFirst("\"snapshots\": ?\\[", "\"snapshots\": [7, "),
                text.replaceFirst("\"revision\": ?[0-9]+", "\"revision\": \"one\""),
                text.replaceFirst("\"previous\": ?\\[", "\"previous\": [[], "),
                text.replaceFirst("\"dataDeleted\"", "\"unknown\": 1, \"dataDeleted\""))) {
            assertThrows(BadRecordException.class, () -> read(wrong.getBytes(StandardCharsets.UTF_8)), wrong);
        }
    }
}
