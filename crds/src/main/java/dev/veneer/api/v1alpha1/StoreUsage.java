package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.TIME_MAX;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * What a store holds.
 *
 * @param baseImageBytes bytes of base images
 * @param sliverBytes bytes that belong to slivers alone
 * @param savedBytes bytes that full copies of all slivers would take besides
 * @param slivers how many slivers there are
 * @param observedAt when this was measured, RFC 3339
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StoreUsage(
        @Min(0) long baseImageBytes,
        @Min(0) long sliverBytes,
        @Nullable @Min(0) Long savedBytes,
        @Min(0) int slivers,
        @Nullable @Size(max = TIME_MAX) String observedAt) {}
