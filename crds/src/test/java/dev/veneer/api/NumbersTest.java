package dev.veneer.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Durations and quantities as the API writes them. */
class NumbersTest {
    @ParameterizedTest
    @CsvSource({"0s,PT0S", "24h,PT24H", "1h30m,PT1H30M", "90s,PT1M30S", "1m1h,PT1H1M"})
    void readsDurations(String text, Duration expected) {
        assertEquals(expected, Durations.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "h", "24", "1d", "-1h", "1.5h", "1h ", "99999999999999h", "１h"})
    void refusesOtherDurations(String text) {
        assertThrows(IllegalArgumentException.class, () -> Durations.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "1,1",
        "2Gi,2147483648",
        "1.5Ki,1536",
        "500Mi,524288000",
        "1k,1000",
        "0.1,1",
        "1m,1",
        "999999999999999P,9223372036854775807"
    })
    void readsQuantities(String text, long expected) {
        assertEquals(expected, Quantities.whole(text));
    }

    @ParameterizedTest
    @CsvSource({"2,2000", "1.5,1500", "250m,250", "0.001,1"})
    void readsProcessors(String text, long expected) {
        assertEquals(expected, Quantities.milli(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Gi", "1GB", "1 G", "1.2.3", "-1", "1e3", "."})
    void refusesOtherQuantities(String text) {
        assertThrows(IllegalArgumentException.class, () -> Quantities.whole(text));
    }

    @Test
    void aQuantityOfManyDigitsIsRefusedBeforeItIsComputed() {
        assertThrows(IllegalArgumentException.class, () -> Quantities.whole("9".repeat(100_000)));
    }
}
