package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.DURATION;
import static dev.veneer.api.v1alpha1.Forms.DURATION_MAX;
import static dev.veneer.api.v1alpha1.Forms.DURATION_RULE;
import static dev.veneer.api.v1alpha1.Forms.DURATION_SAYS;

import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * How long a base image is kept that nothing uses.
 *
 * @param keepUnreferenced how long its tree stays on a node after the last use
 * @param pinned whether it is kept for ever
 */
public record RetentionSpec(
        @Default("24h")
                @Pattern(DURATION)
                @Size(max = DURATION_MAX)
                @ValidationRule(value = DURATION_RULE, message = DURATION_SAYS)
                String keepUnreferenced,
        @Default("false") boolean pinned) {}
