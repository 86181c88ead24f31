package dev.veneer.node.model;

import dev.veneer.api.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Something wrong in a source of desired state.
 *
 * @param where file, line and column, for people
 * @param kind kind of the object, or null when it cannot be told
 * @param object name of the object ({@code NS/NAME} or {@code NAME}), or null when it cannot be told: then the source
 *     deletes nothing
 * @param field the field's path, or empty
 * @param message what is wrong and what would be right
 * @param warning only a notice; nothing is refused
 * @param reason the reason that stands in the object's conditions
 */
public record Problem(
        String where,
        @Nullable String kind,
        @Nullable String object,
        String field,
        String message,
        boolean warning,
        Reason reason) {
    /** A mistake of who wrote it. */
    public Problem(
            String where,
            @Nullable String kind,
            @Nullable String object,
            String field,
            String message,
            boolean warning) {
        this(where, kind, object, field, message, warning, Reason.InvalidSpec);
    }

    @Override
    public String toString() {
        return where
                + ": "
                + (kind == null ? "" : kind + (object == null ? "" : " " + object) + ": ")
                + (field.isEmpty() ? "" : field + ": ")
                + message;
    }
}
