package dev.veneer.api.v1alpha1;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Absent lists are empty ones, and none is shared with who made the object. */
final class Lists {
    private Lists() {}

    static <T> List<T> orEmpty(@Nullable List<T> given) {
        return given == null ? List.of() : List.copyOf(given);
    }
}
