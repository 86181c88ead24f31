package dev.veneer.node.cli;

import java.time.Duration;
import java.util.Locale;

/** Sizes and ages as a person reads them. */
public final class Quantities {
    private static final String[] UNITS = {"Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};

    private Quantities() {}

    /** Bytes with three digits at most, in powers of 1024: {@code 512}, {@code 1.5Ki}, {@code 170Mi}. */
    public static String bytes(long bytes) {
        if (bytes < 1024) {
            return Long.toString(bytes);
        }
        double value = bytes / 1024.0;
        int unit = 0;
        while (value >= 999.5 && unit < UNITS.length - 1) {
            value /= 1024.0;
            unit++;
        }
        return String.format(Locale.ROOT, value < 9.95 ? "%.1f%s" : "%.0f%s", value, UNITS[unit]);
    }

    /** An age as kubectl prints it, by its two largest units while it is young: {@code 45s}, {@code 5m30s}, {@code 3d4h}. */
    public static String age(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        }
        long minutes = seconds / 60;
        if (minutes < 10) {
            return pair(minutes, "m", seconds % 60, "s");
        }
        if (minutes < 180) {
            return minutes + "m";
        }
        long hours = minutes / 60;
        if (hours < 8) {
            return pair(hours, "h", minutes % 60, "m");
        }
        if (hours < 48) {
            return hours + "h";
        }
        long days = hours / 24;
        if (days < 8) {
            return pair(days, "d", hours % 24, "h");
        }
        return days < 730 ? days + "d" : days / 365 + "y";
    }

    private static String pair(long large, String largeUnit, long small, String smallUnit) {
        return small == 0 ? large + largeUnit : large + largeUnit + small + smallUnit;
    }
}
