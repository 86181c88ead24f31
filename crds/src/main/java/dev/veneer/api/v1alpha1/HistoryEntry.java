package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.MESSAGE_MAX;
import static dev.veneer.api.v1alpha1.Forms.TIME_MAX;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * One thing that was done to a sliver.
 *
 * @param time when, the last time if it happened several times in a row, RFC 3339
 * @param what one word in CamelCase
 * @param revision the revision that resulted
 * @param message what and why, for people
 * @param firstTime when it happened first, RFC 3339; absent when it happened once
 * @param count how often in a row it happened; absent when it happened once
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HistoryEntry(
        @Size(max = TIME_MAX) String time,
        @Size(max = 64) String what,
        @Min(0) long revision,
        @Size(max = MESSAGE_MAX) String message,
        @Nullable @Size(max = TIME_MAX) String firstTime,
        @Nullable @Min(2) Integer count) {}
