package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.DNS_LABEL;
import static dev.veneer.api.v1alpha1.Forms.LABEL_MAX;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/**
 * What a base image is made of and how long it is kept.
 *
 * @param source where its tree comes from
 * @param retention how long it is kept when nothing uses it
 * @param allowedNamespaces whose slivers may be made from it or moved to it; those of all namespaces when absent. Slivers that
 *     stand on it already stay
 * @param suspend whether nothing at all is done to it, removal included
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record BaseImageSpec(
        @Required BaseImageSource source,
        @Default("{}") RetentionSpec retention,
        @Size(min = 1, max = 1024) List<@Pattern(DNS_LABEL) @Size(min = 1, max = LABEL_MAX) String> allowedNamespaces,
        @Default("false") boolean suspend) {
    public BaseImageSpec {
        allowedNamespaces = Lists.orEmpty(allowedNamespaces);
    }
}
