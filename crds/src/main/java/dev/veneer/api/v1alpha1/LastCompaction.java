package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.DURATION_MAX;
import static dev.veneer.api.v1alpha1.Forms.TIME_MAX;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * What the last compaction came to.
 *
 * @param time when it was done, RFC 3339
 * @param before bytes that the writable store took alone before; absent when it could not be measured
 * @param after the same afterwards
 * @param duration how long it took, without stopping and starting
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LastCompaction(
        @Size(max = TIME_MAX) String time,
        @Nullable @Min(0) Long before,
        @Nullable @Min(0) Long after,
        @Size(max = DURATION_MAX) String duration) {}
