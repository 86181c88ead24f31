package dev.veneer.node.app;

import dev.veneer.node.loop.Schedules;
import dev.veneer.node.tree.PathPattern;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The texts in specs that are of a language of their own, each with who reads it. */
final class SpecTexts {
    static final Map<String, Function<String, @Nullable String>> JUDGES = Map.of(
            "compaction/schedule", Schedules::wrong,
            "snapshots/schedule", Schedules::wrong,
            "pins/*", SpecTexts::wrongPattern,
            "rebase/rules/*/path", SpecTexts::wrongPattern);

    private SpecTexts() {}

    private static @Nullable String wrongPattern(String text) {
        try {
            PathPattern.parse(text);
            return null;
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
