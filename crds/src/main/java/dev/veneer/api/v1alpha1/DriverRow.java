package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.LABEL_MAX;
import static dev.veneer.api.v1alpha1.Forms.MESSAGE_MAX;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One driver on one store.
 *
 * @param name the driver
 * @param available whether slivers can be made with it here
 * @param reason why not, and what would help
 * @param capabilities what it can do here
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record DriverRow(
        @Required @Size(min = 1, max = LABEL_MAX) String name,
        @Required boolean available,
        @Nullable @Size(max = MESSAGE_MAX) String reason,
        @Size(max = 32) List<@Size(max = LABEL_MAX) String> capabilities) {
    public DriverRow {
        capabilities = Lists.orEmpty(capabilities);
    }
}
