package dev.veneer.node.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WorkProgressTest {
    private static final long MEBIBYTE = 1 << 20;

    private static WorkProgress of(long files, long totalFiles, long bytes, long totalBytes, long millis) {
        return new WorkProgress(files, totalFiles, bytes, totalBytes, Duration.ofMillis(millis));
    }

    @Test
    void allOfItIsTold() {
        assertEquals(
                "12,400 of 15,000 files, 210 of 400 MiB, 80 MiB/s, 3 s left",
                of(12_400, 15_000, 210 * MEBIBYTE, 400 * MEBIBYTE, 2625).text());
    }

    @Test
    void whatIsNotKnownIsLeftOut() {
        assertEquals("", WorkProgress.NONE.text());
        assertEquals("1 file", of(1, 0, 0, 0, 10).text());
        assertEquals(
                "7 files, 3.5 GiB, 358 MiB/s",
                of(7, 0, 3584 * MEBIBYTE, 0, 10_000).text());
        assertEquals(
                "100 of 400 files, 50 files/s, 6 s left",
                of(100, 400, 0, 0, 2000).text());
        assertEquals("0 of 400 files", of(0, 400, 0, 0, 0).text());
        assertEquals("0 of 20 MiB", of(0, 0, 0, 20 * MEBIBYTE, 5000).text());
    }

    /** A file may be longer than it was when it was counted, or be found by two names. */
    @Test
    void neverMoreThanAll() {
        assertEquals(
                "10 of 10 files, 2.0 of 2.0 MiB, 1.0 MiB/s, 0 s left",
                of(12, 10, 3 * MEBIBYTE, 2 * MEBIBYTE, 3000).text());
        assertEquals(1, of(12, 10, 0, 0, 1).share());
    }

    @Test
    void whatIsLeftIsToldInWordsOfItsLength() {
        assertEquals(99, of(1, 100, 0, 0, 1000).secondsLeft());
        assertEquals(
                "10 of 10,000 files, 5 files/s, 34 min left",
                of(10, 10_000, 0, 0, 2000).text());
        assertEquals(
                "10 of 100,000 files, 10 files/s, 2 h 47 min left",
                of(10, 100_000, 0, 0, 1000).text());
        assertEquals(-1, of(1, 100, 0, 0, 999).secondsLeft(), "too soon to tell");
        assertEquals(-1, of(0, 100, 0, 0, 10_000).secondsLeft());
        assertEquals(-1, of(5, 0, 7, 0, 10_000).secondsLeft());
    }

    @Test
    void largeNumbersDoNoHarm() {
        WorkProgress huge = of(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, 1);
        assertEquals("9,223,372,036,854,775,807 of 9,223,372,036,854,775,807 files, 8.0 of 8.0 EiB", huge.text());
        assertEquals(Long.MAX_VALUE, huge.bytesPerSecond());
    }

    @Test
    void ofTwoAtOnceOnlyWhatIsKnownOfBothIsKnown() {
        WorkProgress both = of(1, 2, 3, 4, 5).with(of(10, 20, 30, 0, 50));
        assertEquals(of(11, 22, 33, 0, 50), both);
    }
}
