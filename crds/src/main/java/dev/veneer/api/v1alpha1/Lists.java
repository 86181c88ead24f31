package dev.veneer.api.v1alpha1;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Absent lists are empty ones, and none is shared with who made the object. */
final class Lists {
    private Lists() {}

    static <T> List<T> orEmpty(@Nullable List<T> given) {
        if (given == null) {
            return List.of();
        }
        // A word of a newer version, which is unknown here, is read as nothing.
        return given.stream().anyMatch(Objects::isNull)
                ? given.stream().filter(Objects::nonNull).toList()
                : List.copyOf(given);
    }
}
