package dev.veneer.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.veneer.node.runtime.ContainerRecord.Phase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is read back of records, of {@code /proc} and of LXC's log, also when it is cut short or damaged. */
class RecordsTest {
    private static final ContainerRecord FULL = new ContainerRecord(
            Phase.STARTED,
            "boot",
            new ProcessRef(10, 1000),
            new ProcessRef(11, 1001),
            List.of(Instant.ofEpochMilli(5), Instant.ofEpochMilli(6)),
            "f00d",
            "uid:1",
            "a \"message\"\nof two lines");

    @Test
    void recordIsReadBackAsItWasWritten() {
        assertEquals(FULL, ContainerRecord.fromJson(FULL.toJson()));
        assertEquals(ContainerRecord.NONE, ContainerRecord.fromJson(ContainerRecord.NONE.toJson()));
    }

    @Test
    void damagedRecordIsToldFromAGoodOne() {
        byte[] json = FULL.toJson();
        for (int length = 0; length < json.length - 2; length++) {
            assertNull(ContainerRecord.fromJson(Arrays.copyOf(json, length)), "cut after " + length);
        }
        for (String bad :
                List.of("", "null", "[]", "{}", "{\"format\":2}", "{\"format\":1,\"phase\":\"x\"}", "\u0000")) {
            assertNull(ContainerRecord.fromJson(bad.getBytes(StandardCharsets.UTF_8)), bad);
        }
    }

    @Test
    void phasesKeepWhatTheNextOneNeeds() {
        ContainerRecord stopped = FULL.ended(Phase.STOPPED, "");
        assertEquals(List.of(), stopped.starts());
        assertEquals("uid:1", stopped.personalizedFor());
        assertEquals(ProcessRef.NONE, stopped.init());
        ContainerRecord failed = FULL.ended(Phase.FAILED, "why");
        assertEquals(2, failed.starts().size());
        assertEquals("why", failed.message());
        assertEquals("", FULL.starting("b2", List.of(), "x").message());
    }

    @Test
    void startTimeIsFoundBehindAnyProgramsName() {
        String tail = " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21";
        assertEquals(new ProcessRef(5, 4711), Processes.parse(5, "5 (init)" + tail));
        assertEquals(new ProcessRef(5, 4711), Processes.parse(5, "5 (a) Z (b c)" + tail));
        assertNull(Processes.parse(5, "5 (init)" + tail.replace(" S ", " Z ")), "a zombie does not run");
        for (String bad : List.of("", "5", "5 (x)", "5 (x) S 1", "5 (init)" + tail.replace("4711", "x"))) {
            assertNull(Processes.parse(5, bad), bad);
        }
    }

    @Test
    void firstErrorIsTheCause() {
        String log =
                """
                lxc-start a 20260101120000.1 WARN     conf - ../src/lxc/conf.c:x:1 - not this
                lxc-start a 20260101120000.2 ERROR    start - ../src/lxc/start.c:start:2 - No such file - Failed to exec "/x - y"
                lxc-start a 20260101120000.3 ERROR    lxc_start - ../src/lxc/tools/lxc_start.c:main:306 - The container failed to start
                """;
        assertEquals("No such file - Failed to exec \"/x - y\"", LxcLog.cause(log));
        assertEquals("", LxcLog.cause(""));
        assertEquals("", LxcLog.cause("lxc-start a 1 ERROR    cut"));
    }
}
