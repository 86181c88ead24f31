package dev.veneer.node.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against Java's own parser. */
class TimesTest {
    @Test
    void readsWhatInstantsWrite() {
        Random random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            int[] fractions = {0, 1_000_000, 1_000, 1};
            long nanos = random.nextInt(1_000_000_000);
            Instant time = Instant.ofEpochSecond(
                    random.nextLong() % 400_000_000_000L, nanos * fractions[i % 4] % 1_000_000_000);
            assertEquals(time, Times.parse(time.toString()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-25T24:00:00Z",
                "2026-12-31T23:59:60Z",
                "2024-02-29T00:00:00.5Z",
                "-0004-01-01T00:00:00Z",
                "+12026-11-25T00:00:00Z",
                "2026-11-25t00:00:00z",
                "2026-11-25T00:00:00.123456789Z"
            })
    void agreesOnWhatIsUnusual(String text) {
        assertEquals(Instant.parse(text), Times.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Z",
                "2026-11-25",
                "2026-11-25T00:00:00",
                "2026-02-30T00:00:00Z",
                "2026-11-25T00:00:00.1234567890Z",
                "2026-11-25T00:00:00,5Z",
                "2026-11-25T25:00:00Z",
                "2026-11-25 00:00:00Z",
                "yesterday, soon after noon, Z"
            })
    void refusesWhatIsNone(String text) {
        assertThrows(DateTimeException.class, () -> Instant.parse(text));
        assertThrows(DateTimeException.class, () -> Times.parse(text));
    }
}
