package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.TIME_MAX;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * The space that a sliver takes.
 *
 * @param exclusiveBytes bytes that would be free if it were removed
 * @param sharedBytes bytes that it has in common with its base or others, where the driver can tell
 * @param reclaimableBytes bytes that a compaction would give back, by an estimate
 * @param inodes inodes of its own
 * @param observedAt when this was measured, RFC 3339
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SliverUsage(
        @Min(0) long exclusiveBytes,
        @Nullable @Min(0) Long sharedBytes,
        @Nullable @Min(0) Long reclaimableBytes,
        @Min(0) long inodes,
        @Size(max = TIME_MAX) String observedAt) {}
