package dev.veneer.api.v1alpha1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When running slivers may be changed. 2026-01-03 is a Saturday. */
class UpdateWindowTest {
    @ParameterizedTest
    @CsvSource({
        "2026-01-03T21:59:59Z,false",
        "2026-01-03T22:00:00Z,true",
        "2026-01-04T03:59:59Z,true",
        "2026-01-04T04:00:00Z,false",
        "2026-01-04T22:00:00Z,false",
        "2026-01-03T03:00:00Z,false",
    })
    void aWindowOverMidnightBelongsToTheDayOnWhichItBegins(Instant now, boolean open) {
        assertEquals(open, new UpdateWindow(List.of(Weekday.Sat), "22:00", "04:00", "UTC").isOpen(now));
    }

    @ParameterizedTest
    @CsvSource({"2026-01-03T10:59:00Z,false", "2026-01-03T11:00:00Z,true", "2026-01-03T11:30:00Z,false"})
    void timesAreOfTheWindowsZone(Instant now, boolean open) {
        assertEquals(open, new UpdateWindow(List.of(), "12:00", "12:30", "Europe/Berlin").isOpen(now));
    }

    @ParameterizedTest
    @CsvSource({"2026-01-03T11:00:00Z,true", "2026-01-04T11:00:00Z,true"})
    void withoutWindowsItIsAlwaysOpen(Instant now, boolean open) {
        assertEquals(open, new UpdateSpec(UpdatePolicy.Restart, List.of(), "30s").isOpen(now));
    }
}
