package dev.veneer.api.validation;

import java.util.Map;
import java.util.regex.Pattern;

/** Says in words what a pattern wants, since nobody should have to read one. */
final class PatternWords {
    /** By the beginnings of patterns, which tell them apart. A test proves that each pattern of the schemas is here. */
    private static final Map<String, String> WORDS = Map.ofEntries(
            Map.entry(
                    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?\\z",
                    "small letters, digits and '-' are expected, with a letter or digit first and last"),
            Map.entry(
                    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*\\z",
                    "small letters, digits, '-' and '.' are expected, with a letter or digit first and last"),
            Map.entry("^sha256:[0-9a-f]{64}\\z", "sha256: and 64 hexadecimal digits in small letters are expected"),
            Map.entry("^/[^\\x00-\\x1f\\x7f]*\\z", "an absolute path is expected, such as /srv/x"),
            Map.entry(
                    "^(file:///|https?://[^/])[^\\x00-\\x20\\x7f]*\\z",
                    "file:///PATH, http://… or https://… is expected, spaces written %20"),
            Map.entry("^([0-9]{1,9}(h|m|s))+\\z", "a duration is expected, such as 24h, 30m or 1h30m"),
            Map.entry(
                    "^[0-9]{1,15}([.][0-9]{1,9})?(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?\\z",
                    "a quantity is expected, such as 512Mi or 2Gi"),
            Map.entry(
                    "^([0-9]{1,4}([.][0-9]{1,3})?|[0-9]{1,7}m)\\z", "processors are expected, such as 2, 1.5 or 250m"),
            Map.entry("^[0-9]{1,10}:[0-9]{1,10}\\z", "FIRST:COUNT is expected, such as 1000000:1000000000"),
            Map.entry(
                    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})\\z",
                    "a time is expected, such as 2030-01-31T12:00:00Z"),
            Map.entry("^([01][0-9]|2[0-3]):[0-5][0-9]\\z", "a time of day is expected, 00:00 to 23:59"),
            Map.entry(
                    "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*\\z",
                    "a time zone is expected, such as UTC or Europe/Berlin"),
            Map.entry(
                    "^[0-9A-Za-z*?/,#-]+( [0-9A-Za-z*?/,#-]+){5,6}\\z",
                    "a Quartz cron expression is expected: second, minute, hour, day, month and day of the week, such as"
                            + " 0 30 3 * * ?"),
            Map.entry(
                    "^[^\\x00-\\x1f\\x7f]+\\z",
                    "a pattern of paths on one line is expected, such as /etc/hosts or *.log"),
            Map.entry("^[A-Za-z0-9][A-Za-z0-9_.-]*\\z", "the name of a network device is expected, such as lxcbr0"),
            Map.entry(
                    "^lxc[.][a-z0-9_.]+ *=[^\\x00-\\x08\\x0a-\\x1f\\x7f]*\\z",
                    "one line KEY = VALUE is expected, its key beginning with lxc."),
            Map.entry("^[A-Za-z_][A-Za-z0-9_]*\\z", "letters, digits and '_' are expected, not beginning with a digit"),
            Map.entry("^[^\\x00-\\x08\\x0a-\\x1f\\x7f]*\\z", "one line without control characters is expected"),
            Map.entry("^[A-Za-z0-9_][A-Za-z0-9_.:/@-]*\\z", "a tag is expected, such as bookworm or latest"));

    private PatternWords() {}

    /**
     * What a pattern wants.
     *
     * @throws IllegalStateException when no words are known for it
     */
    static String expected(Pattern pattern) {
        String words = WORDS.get(pattern.pattern());
        if (words == null) {
            throw new IllegalStateException("no words for the pattern " + pattern);
        }
        return words;
    }
}
