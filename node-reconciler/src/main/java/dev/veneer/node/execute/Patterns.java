package dev.veneer.node.execute;

import dev.veneer.node.tree.PathPattern;
import java.util.List;
import java.util.function.Predicate;

/** Patterns of a spec, which validation has let through. */
final class Patterns {
    private Patterns() {}

    static List<PathPattern> of(List<String> patterns) {
        return patterns.stream().map(PathPattern::parse).toList();
    }

    /** Whether a path is pinned. */
    static Predicate<byte[]> pins(List<String> patterns) {
        List<PathPattern> pins = of(patterns);
        return pins.isEmpty() ? path -> false : path -> pins.stream().anyMatch(pin -> pin.matches(path));
    }
}
