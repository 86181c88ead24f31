package dev.veneer.node.store;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * Reads times. The general parser takes a third of the time in which a record is read, and a start reads thousands; what
 * {@link Instant#toString} writes needs none of its generality.
 */
final class Times {
    private static final String FORM = "0000-00-00T00:00:00";

    private Times() {}

    /** As {@link Instant#parse}. */
    static Instant parse(String text) {
        int end = text.length() - 1;
        if (!isPlain(text, end)) {
            return Instant.parse(text);
        }
        int nanos = 0;
        for (int i = 0; i < 9; i++) {
            int at = FORM.length() + 1 + i;
            nanos = nanos * 10 + (at < end ? text.charAt(at) - '0' : 0);
        }
        LocalDateTime time;
        try {
            time = LocalDateTime.of(
                    number(text, 0, 4),
                    number(text, 5, 7),
                    number(text, 8, 10),
                    number(text, 11, 13),
                    number(text, 14, 16),
                    number(text, 17, 19),
                    nanos);
        } catch (DateTimeException e) {
            // Midnight as 24:00, a leap second, or no time at all.
            return Instant.parse(text);
        }
        return time.toInstant(ZoneOffset.UTC);
    }

    /** Whether it is digits at the places of {@link #FORM}, at most nine of a fraction, and Z. */
    private static boolean isPlain(String text, int end) {
        int form = FORM.length();
        if (end < form || end > form + 10 || end == form + 1 || text.charAt(end) != 'Z') {
            return false;
        }
        for (int i = 0; i < end; i++) {
            char here = text.charAt(i);
            char expected = i < form ? FORM.charAt(i) : i == form ? '.' : '0';
            if (expected == '0' ? here < '0' || here > '9' : here != expected) {
                return false;
            }
        }
        return true;
    }

    private static int number(String text, int from, int to) {
        int number = 0;
        for (int i = from; i < to; i++) {
            number = number * 10 + (text.charAt(i) - '0');
        }
        return number;
    }
}
