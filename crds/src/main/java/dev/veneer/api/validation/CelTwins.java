package dev.veneer.api.validation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.api.Durations;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The CEL rules of the CRDs in Java, by the rules' own text. A test proves that every rule has its twin and every twin its
 * rule. A rule that speaks of {@code oldSelf} holds of changes only.
 */
final class CelTwins {
    /** What a rule says of a value; {@code old} is a missing node when there is none. */
    interface Twin {
        boolean holds(JsonNode self, JsonNode old);
    }

    private static final Duration TEN_YEARS = Duration.ofDays(3650);
    private static final Pattern DOTS = Pattern.compile("(^|/)[.][.]?(/|\\z)");
    private static final OffsetDateTime YEAR_2000 = OffsetDateTime.parse("2000-01-01T00:00:00Z");

    /** The kinds of sources of a BaseImage. */
    private static final List<String> KINDS = List.of("archive", "ociLayout", "directory", "sliver");

    private static final Map<String, Twin> TWINS = Map.ofEntries(
            Map.entry(
                    "size(self.metadata.name) <= 63 && !self.metadata.name.contains('.')",
                    (self, old) -> isShortLabel(self.at("/metadata/name").asText())),
            Map.entry("self == oldSelf", (self, old) -> self.equals(old)),
            Map.entry("!self.matches('(^|/)[.][.]?(/|$)')", (self, old) -> !DOTS.matcher(self.asText())
                    .find()),
            Map.entry(
                    "duration(self) <= duration('87600h')",
                    (self, old) -> within(self.asText(), Duration.ZERO, TEN_YEARS)),
            Map.entry(
                    "duration(self) >= duration('1s') && duration(self) <= duration('24h')",
                    (self, old) -> within(self.asText(), Duration.ofSeconds(1), Duration.ofHours(24))),
            Map.entry("timestamp(self) >= timestamp('2000-01-01T00:00:00Z')", (self, old) -> isRealTime(self.asText())),
            Map.entry(
                    "!has(self.deleteAfter) || has(self.expiresAt)",
                    (self, old) -> !self.has("deleteAfter") || self.has("expiresAt")),
            Map.entry(
                    "self.all(r, !r.matches('^[0-9]{1,10}:[0-9]{1,10}$') || (int(r.split(':')[0]) >= 65536"
                            + " && int(r.split(':')[1]) >= 65536"
                            + " && int(r.split(':')[0]) + int(r.split(':')[1]) <= 2147483647))",
                    (self, old) -> all(self).allMatch(range -> isIdRange(range.asText()))),
            Map.entry(
                    "[has(self.archive), has(self.ociLayout), has(self.directory), has(self.sliver)].exists_one(x, x)",
                    (self, old) -> KINDS.stream().filter(self::has).count() == 1),
            Map.entry(
                    "has(self.archive) == has(oldSelf.archive) && has(self.ociLayout) == has(oldSelf.ociLayout)"
                            + " && has(self.directory) == has(oldSelf.directory) && has(self.sliver) == has(oldSelf.sliver)",
                    (self, old) -> KINDS.stream().allMatch(k -> self.has(k) == old.has(k))),
            Map.entry(
                    "!has(self.archive) || !has(oldSelf.archive) || (self.archive.url == oldSelf.archive.url"
                            + " && has(self.archive.digest) == has(oldSelf.archive.digest)"
                            + " && (!has(self.archive.digest) || self.archive.digest == oldSelf.archive.digest))",
                    (self, old) -> unlessBoth(self, old, "archive")
                            || Stream.of("/archive/url", "/archive/digest")
                                    .allMatch(at -> self.at(at).equals(old.at(at)))),
            Map.entry(
                    "!has(self.ociLayout) || !has(oldSelf.ociLayout) || self.ociLayout == oldSelf.ociLayout",
                    (self, old) -> unlessBoth(self, old, "ociLayout")
                            || self.path("ociLayout").equals(old.path("ociLayout"))),
            Map.entry(
                    "!has(self.directory) || !has(oldSelf.directory) || self.directory == oldSelf.directory",
                    (self, old) -> unlessBoth(self, old, "directory")
                            || self.path("directory").equals(old.path("directory"))),
            Map.entry(
                    "!has(self.sliver) || !has(oldSelf.sliver) || self.sliver == oldSelf.sliver",
                    (self, old) -> unlessBoth(self, old, "sliver")
                            || self.path("sliver").equals(old.path("sliver"))));

    private CelTwins() {}

    /** The rules that have a twin. */
    static Set<String> rules() {
        return TWINS.keySet();
    }

    /** Whether a rule holds; one about changes holds of everything that is new. */
    static boolean holds(String rule, JsonNode self, JsonNode old) {
        Twin twin = TWINS.get(rule);
        if (twin == null) {
            throw new IllegalStateException("no twin for the CEL rule " + rule);
        }
        return (rule.contains("oldSelf") && old.isMissingNode()) || twin.holds(self, old);
    }

    private static Stream<JsonNode> all(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }

    private static boolean unlessBoth(JsonNode self, JsonNode old, String field) {
        return !self.has(field) || !old.has(field);
    }

    private static boolean isShortLabel(String name) {
        return name.codePointCount(0, name.length()) <= 63 && name.indexOf('.') < 0;
    }

    private static boolean within(String text, Duration least, Duration most) {
        try {
            Duration duration = Durations.parse(text);
            return duration.compareTo(least) >= 0 && duration.compareTo(most) <= 0;
        } catch (IllegalArgumentException | ArithmeticException e) {
            return false;
        }
    }

    private static boolean isRealTime(String text) {
        try {
            return !OffsetDateTime.parse(text).isBefore(YEAR_2000);
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static boolean isIdRange(String text) {
        int colon = text.indexOf(':');
        long first = Long.parseLong(text, 0, colon, 10);
        long count = Long.parseLong(text, colon + 1, text.length(), 10);
        return first >= 65536 && count >= 65536 && first + count <= Integer.MAX_VALUE;
    }
}
