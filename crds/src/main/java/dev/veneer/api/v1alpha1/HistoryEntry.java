package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.MESSAGE_MAX;
import static dev.veneer.api.v1alpha1.Forms.TIME_MAX;

import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;

/**
 * One thing that was done to a sliver.
 *
 * @param time when, RFC 3339
 * @param what one word in CamelCase
 * @param revision the revision that resulted
 * @param message what and why, for people
 */
public record HistoryEntry(
        @Size(max = TIME_MAX) String time,
        @Size(max = 64) String what,
        @Min(0) long revision,
        @Size(max = MESSAGE_MAX) String message) {}
