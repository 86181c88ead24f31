package dev.veneer.api;

import java.time.Duration;

/** Durations as the API writes them: one or more of a whole number with h, m or s, such as {@code 24h} or {@code 1h30m}. */
public final class Durations {
    private Durations() {}

    /**
     * Reads a duration.
     *
     * @throws IllegalArgumentException when the text is not one, or too long for {@link Duration}
     */
    public static Duration parse(String text) {
        Duration sum = Duration.ZERO;
        long number = -1;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= '0' && c <= '9' && number < Integer.MAX_VALUE) {
                number = Math.max(number, 0) * 10 + (c - '0');
            } else if (number >= 0 && "hms".indexOf(c) >= 0) {
                sum = sum.plus(
                        switch (c) {
                            case 'h' -> Duration.ofHours(number);
                            case 'm' -> Duration.ofMinutes(number);
                            default -> Duration.ofSeconds(number);
                        });
                number = -1;
            } else {
                throw bad(text);
            }
        }
        if (text.isEmpty() || number >= 0) {
            throw bad(text);
        }
        return sum;
    }

    private static IllegalArgumentException bad(String text) {
        return new IllegalArgumentException("not a duration such as 24h, 30m or 1h30m: " + text);
    }
}
