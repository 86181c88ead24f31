package dev.veneer.api.v1alpha1;

import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;

/**
 * To which earlier state the sliver goes back, once.
 *
 * @param to number of a kept revision or a snapshot, as status.revisions and status.snapshots list them
 * @param serial raised: it is done; a serial that was answered before does nothing
 */
public record RollbackSpec(@Required @Min(1) @Max(2147483647) int to, @Required @Min(1) @Max(2147483647) int serial) {}
