package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.ABSOLUTE_PATH;
import static dev.veneer.api.v1alpha1.Forms.PATH_MAX;
import static dev.veneer.api.v1alpha1.Forms.PATH_RULE;
import static dev.veneer.api.v1alpha1.Forms.PATH_SAYS;

import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * A directory on the node whose tree is copied.
 *
 * @param path the directory
 */
public record DirectorySource(
        @Required
                @Pattern(ABSOLUTE_PATH)
                @Size(min = 1, max = PATH_MAX)
                @ValidationRule(value = PATH_RULE, message = PATH_SAYS)
                String path) {}
