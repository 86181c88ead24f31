package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.TIME_MAX;

import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;

/**
 * A copy of a sliver's writable store as it was at some time.
 *
 * @param revision its number; rollback.to takes it
 * @param of the revision that it is a copy of
 * @param takenAt when it was taken, RFC 3339
 * @param base the base that it stands on
 */
public record SliverSnapshot(
        @Min(1) int revision, @Min(1) int of, @Size(max = TIME_MAX) String takenAt, SliverBase base) {}
