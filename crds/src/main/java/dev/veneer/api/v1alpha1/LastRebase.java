package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.LABEL_MAX;
import static dev.veneer.api.v1alpha1.Forms.MESSAGE_MAX;
import static dev.veneer.api.v1alpha1.Forms.TIME_MAX;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/**
 * What the last move to another base came to. Numbers are of paths.
 *
 * @param time when it was done, RFC 3339
 * @param from the BaseImage that the sliver stood on
 * @param to the one that it was moved to
 * @param strategy how
 * @param followed are as the new base has them
 * @param kept are the sliver's own
 * @param merged have something of both
 * @param converged were changed by both to the same
 * @param conflicts were contradictory, and a rule settled them
 * @param firstConflicts some of those, each with how it was settled
 * @param toRun commands that are still to be run in the sliver once it is started
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record LastRebase(
        @Size(max = TIME_MAX) String time,
        @Size(max = LABEL_MAX) String from,
        @Size(max = LABEL_MAX) String to,
        @Size(max = LABEL_MAX) String strategy,
        @Min(0) long followed,
        @Min(0) long kept,
        @Min(0) long merged,
        @Min(0) long converged,
        @Min(0) long conflicts,
        @Size(max = 10) List<@Size(max = MESSAGE_MAX) String> firstConflicts,
        @Size(max = 32) List<@Size(max = MESSAGE_MAX) String> toRun) {
    public LastRebase {
        firstConflicts = Lists.orEmpty(firstConflicts);
        toRun = Lists.orEmpty(toRun);
    }
}
