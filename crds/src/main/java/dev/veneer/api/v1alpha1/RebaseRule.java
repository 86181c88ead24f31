package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.PATH_MAX;
import static dev.veneer.api.v1alpha1.Forms.PATH_PATTERN;

import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * How conflicts at some paths are settled.
 *
 * @param path a pattern, as in .gitignore
 * @param onConflict how
 */
public record RebaseRule(
        @Required @Pattern(PATH_PATTERN) @Size(min = 1, max = PATH_MAX) String path,
        @Required ConflictChoice onConflict) {}
