package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.DURATION;
import static dev.veneer.api.v1alpha1.Forms.DURATION_MAX;
import static dev.veneer.api.v1alpha1.Forms.DURATION_RULE;
import static dev.veneer.api.v1alpha1.Forms.DURATION_SAYS;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.time.Instant;
import java.util.List;

/**
 * How a running sliver is changed. Our own mount and container do not count as use; a foreign user means waiting.
 *
 * @param policy whether it may be restarted
 * @param windows when; always when empty
 * @param grace how long its processes have to end before they are killed
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record UpdateSpec(
        @Default("Restart") UpdatePolicy policy,
        @Size(max = 16) List<UpdateWindow> windows,
        @Default("30s")
                @Pattern(DURATION)
                @Size(max = DURATION_MAX)
                @ValidationRule(value = DURATION_RULE, message = DURATION_SAYS)
                String grace) {
    public UpdateSpec {
        windows = Lists.orEmpty(windows);
    }

    /** Whether a running sliver may be changed at {@code now}, as far as windows say. */
    public boolean isOpen(Instant now) {
        return windows.isEmpty() || windows.stream().anyMatch(window -> window.isOpen(now));
    }
}
