package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.LABEL_MAX;
import static dev.veneer.api.v1alpha1.Forms.TIME_MAX;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * One revision of a sliver's writable store.
 *
 * @param number its number; rollback.to takes it
 * @param what Current, or what replaced it: NewInstance, Rebase or Rollback
 * @param base the base that it stands on
 * @param keptUntil when it is removed, RFC 3339; absent for the one in force
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SliverRevision(
        @Min(1) int number,
        @Size(max = LABEL_MAX) String what,
        SliverBase base,
        @Nullable @Size(max = TIME_MAX) String keptUntil) {}
