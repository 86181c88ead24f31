package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.MESSAGE_MAX;
import static dev.veneer.api.v1alpha1.Forms.TIME_MAX;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * One aspect of an object's state, in the form of Kubernetes' {@code metav1.Condition}.
 *
 * @param type what the condition is about, such as Ready
 * @param status True, False or Unknown
 * @param observedGeneration the metadata.generation that the condition was computed from
 * @param lastTransitionTime when status last changed, RFC 3339
 * @param reason why, one word in CamelCase
 * @param message why, for people
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Condition(
        @Required @Size(min = 1, max = 316) String type,
        @Required Status status,
        @Nullable @Min(0) Long observedGeneration,
        @Required @Size(max = TIME_MAX) String lastTransitionTime,
        @Required @Size(min = 1, max = 1024) String reason,
        @Required @Size(max = MESSAGE_MAX) String message) {

    /** Whether the condition holds. */
    public enum Status {
        /** It holds. */
        True,
        /** It does not hold. */
        False,
        /** It cannot be told. */
        Unknown
    }
}
