package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.SCHEDULE;
import static dev.veneer.api.v1alpha1.Forms.SCHEDULE_MAX;
import static dev.veneer.api.v1alpha1.Forms.TIME_ZONE;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * When snapshots of the writable store are taken.
 *
 * @param schedule when, as a Quartz cron expression
 * @param timeZone the zone of schedule, such as Europe/Berlin
 * @param keep how many are kept; the oldest goes first
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SnapshotsSpec(
        @Required @Pattern(SCHEDULE) @Size(max = SCHEDULE_MAX) String schedule,
        @Default("UTC") @Pattern(TIME_ZONE) @Size(min = 1, max = 64) String timeZone,
        @Default("5") @Min(1) @Max(100) int keep) {}
