package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.ABSOLUTE_PATH;
import static dev.veneer.api.v1alpha1.Forms.PATH_MAX;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/**
 * What slivers may ask for that reaches beyond themselves. The node enforces it, wherever they are declared.
 *
 * @param hostUserNamespace whether userNamespace: Host is allowed
 * @param hostPaths directories of the node that may be mounted into slivers, and all below them
 * @param tenantLxcConfig whether lxc.config is allowed
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record AllowSpec(
        @Default("false") boolean hostUserNamespace,
        @Size(max = 64) List<@Pattern(ABSOLUTE_PATH) @Size(min = 1, max = PATH_MAX) String> hostPaths,
        @Default("false") boolean tenantLxcConfig) {
    public AllowSpec {
        hostPaths = Lists.orEmpty(hostPaths);
    }
}
