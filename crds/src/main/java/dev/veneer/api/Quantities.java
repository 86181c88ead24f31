package dev.veneer.api;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;

/** Quantities as Kubernetes writes them: a number with a unit such as {@code 2Gi}, {@code 1.5G} or {@code 250m}. */
public final class Quantities {
    private static final BigDecimal MAX = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final Map<String, BigDecimal> UNITS = Map.ofEntries(
            Map.entry("", BigDecimal.ONE),
            Map.entry("k", BigDecimal.TEN.pow(3)),
            Map.entry("M", BigDecimal.TEN.pow(6)),
            Map.entry("G", BigDecimal.TEN.pow(9)),
            Map.entry("T", BigDecimal.TEN.pow(12)),
            Map.entry("P", BigDecimal.TEN.pow(15)),
            Map.entry("Ki", BigDecimal.valueOf(1L << 10)),
            Map.entry("Mi", BigDecimal.valueOf(1L << 20)),
            Map.entry("Gi", BigDecimal.valueOf(1L << 30)),
            Map.entry("Ti", BigDecimal.valueOf(1L << 40)),
            Map.entry("Pi", BigDecimal.valueOf(1L << 50)),
            Map.entry("m", new BigDecimal("0.001")));

    private Quantities() {}

    /**
     * The quantity in whole units, a part of one rounded up; what is beyond a long is the largest long.
     *
     * @throws IllegalArgumentException when the text is not a quantity
     */
    public static long whole(String text) {
        return rounded(parse(text));
    }

    /**
     * The quantity in thousandths, as for processors; rounded and bounded like {@link #whole}.
     *
     * @throws IllegalArgumentException when the text is not a quantity
     */
    public static long milli(String text) {
        return rounded(parse(text).movePointRight(3));
    }

    private static BigDecimal parse(String text) {
        int end = 0;
        while (end < text.length() && "0123456789.".indexOf(text.charAt(end)) >= 0) {
            end++;
        }
        BigDecimal unit = UNITS.get(text.substring(end));
        try {
            if (unit == null || end > 64) {
                throw new NumberFormatException();
            }
            return new BigDecimal(text.substring(0, end)).multiply(unit);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a quantity such as 512Mi or 2G: " + text, e);
        }
    }

    private static long rounded(BigDecimal value) {
        return value.compareTo(MAX) >= 0
                ? Long.MAX_VALUE
                : value.setScale(0, RoundingMode.CEILING).longValueExact();
    }
}
