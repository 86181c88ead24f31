package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.ABSOLUTE_PATH;
import static dev.veneer.api.v1alpha1.Forms.PATH_MAX;
import static dev.veneer.api.v1alpha1.Forms.PATH_RULE;
import static dev.veneer.api.v1alpha1.Forms.PATH_SAYS;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * An OCI image layout on the node, as skopeo and umoci write it.
 *
 * @param path the layout's directory, or a tar archive of it
 * @param reference the tag in the layout's index; needed when the layout holds more than one image
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record OciLayoutSource(
        @Required
                @Pattern(ABSOLUTE_PATH)
                @Size(min = 1, max = PATH_MAX)
                @ValidationRule(value = PATH_RULE, message = PATH_SAYS)
                String path,
        @Nullable @Pattern("^[A-Za-z0-9_][A-Za-z0-9_.:/@-]*$") @Size(min = 1, max = 256) String reference) {}
