package dev.veneer.node.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.veneer.node.model.DeclaredSpecs;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.FireTimes;
import dev.veneer.node.model.Schedule;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SourceState;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Where schedules stand: what came within the last hour, and what comes next. */
class SchedulesTest {
    private final Schedules schedules = new Schedules();

    private FireTimes at(String cron, String zone, String now) {
        return at(schedules, cron, zone, Instant.parse(now));
    }

    private static FireTimes at(Schedules schedules, String cron, String zone, Instant now) {
        SliverId id = new SliverId("default", "web");
        String spec = "{\"nodeName\":\"n\",\"baseImage\":\"b\",\"driver\":\"auto\",\"desiredState\":\"Deployed\","
                + "\"userNamespace\":\"Auto\",\"lxc\":{},\"personalize\":true,\"instanceSerial\":1,"
                + "\"keepPrevious\":\"24h\",\"update\":{\"policy\":\"Restart\",\"grace\":\"30s\"},"
                + "\"snapshots\":{\"schedule\":\"" + cron + "\",\"timeZone\":\"" + zone + "\",\"keep\":5},"
                + "\"deletionPolicy\":\"Delete\",\"suspend\":false}";
        DesiredSliver sliver = DeclaredSpecs.sliver(id, spec, "test");
        TreeMap<SliverId, DesiredSliver> slivers = new TreeMap<>();
        slivers.put(id, sliver);
        DesiredState desired = new DesiredState(
                new TreeMap<>(), slivers, null, new SourceState("s", false, null, false, Set.of(), List.of()));
        return schedules.at(desired, now).get(new Schedule(cron, zone));
    }

    @Test
    void whatCameWithinTheHourIsStillDue() {
        String nightly = "0 30 3 * * ?";
        assertNull(at(nightly, "UTC", "2026-05-01T03:29:59Z").last());
        assertEquals(
                Instant.parse("2026-05-01T03:30:00Z"),
                at(nightly, "UTC", "2026-05-01T03:29:59Z").next());
        FireTimes just = at(nightly, "UTC", "2026-05-01T03:30:00Z");
        assertEquals(Instant.parse("2026-05-01T03:30:00Z"), just.last());
        assertEquals(Instant.parse("2026-05-02T03:30:00Z"), just.next());
        assertEquals(just, at(nightly, "UTC", "2026-05-01T04:29:59Z"));
        // Nobody was there for an hour: it is not made up for.
        assertNull(at(nightly, "UTC", "2026-05-01T04:30:00Z").last());
    }

    /** Between two and three there is no half past two on that night, and two of them on the other. */
    @Test
    void clocksThatArePutForwardAndBack() {
        String cron = "0 30 2 * * ?";
        String berlin = "Europe/Berlin";
        assertEquals(
                Instant.parse("2026-03-28T01:30:00Z"),
                at(cron, berlin, "2026-03-28T01:45:00Z").last());
        FireTimes spring = at(cron, berlin, "2026-03-29T12:00:00Z");
        assertEquals(Instant.parse("2026-03-30T00:30:00Z"), spring.next());
        FireTimes autumn = at(cron, berlin, "2026-10-24T12:00:00Z");
        Instant next = autumn.next();
        assertEquals("2026-10-25", next == null ? "" : next.toString().substring(0, 10));
    }

    @Test
    void oneThatIsOverComesNoMore() {
        FireTimes over = at("0 0 0 1 1 ? 2020", "UTC", "2026-05-01T00:00:00Z");
        assertEquals(FireTimes.NEVER, over);
    }

    /** What is remembered between passes makes no difference. */
    @Test
    void itStandsWhereAFreshLookSeesIt() {
        Random random = new Random(3);
        for (String cron : List.of("0 30 3 * * ?", "0/7 * * * * ?", "0 0/20 * * * ?", "0 0 5 ? * SUN")) {
            Instant now = Instant.parse("2026-03-28T00:00:00Z");
            for (int i = 0; i < 300; i++) {
                now = now.plusMillis(random.nextInt(random.nextBoolean() ? 3_000 : 4_000_000));
                assertEquals(at(new Schedules(), cron, "UTC", now), at(schedules, cron, "UTC", now), cron + now);
            }
            // The clock is put back.
            now = now.minusSeconds(100_000);
            assertEquals(at(new Schedules(), cron, "UTC", now), at(schedules, cron, "UTC", now), cron + now);
        }
    }
}
