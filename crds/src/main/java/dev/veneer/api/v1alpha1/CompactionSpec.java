package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.QUANTITY;
import static dev.veneer.api.v1alpha1.Forms.QUANTITY_MAX;
import static dev.veneer.api.v1alpha1.Forms.QUANTITY_WHOLE;
import static dev.veneer.api.v1alpha1.Forms.SCHEDULE;
import static dev.veneer.api.v1alpha1.Forms.SCHEDULE_MAX;
import static dev.veneer.api.v1alpha1.Forms.TIME_ZONE;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * When the writable store is compacted.
 *
 * @param schedule when, as a Quartz cron expression
 * @param timeZone the zone of schedule, such as Europe/Berlin
 * @param minReclaimable how much it has to give back at least, by usage.reclaimableBytes
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CompactionSpec(
        @Required @Pattern(SCHEDULE) @Size(max = SCHEDULE_MAX) String schedule,
        @Default("UTC") @Pattern(TIME_ZONE) @Size(min = 1, max = 64) String timeZone,
        @Default("32Mi") @IntOrString(max = QUANTITY_WHOLE) @Pattern(QUANTITY) @Size(max = QUANTITY_MAX)
                String minReclaimable) {}
