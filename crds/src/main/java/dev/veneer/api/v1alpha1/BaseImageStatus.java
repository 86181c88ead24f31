package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.DIGEST_MAX;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a base image.
 *
 * @param observedGeneration the metadata.generation that this status describes; -1 before the first look
 * @param digest the digest of its content; set once
 * @param bytes the bytes that its tree takes, hard links counted once
 * @param files how many entries its tree has
 * @param blockedBy what keeps it from being removed
 * @param nodes in Kubernetes: on how many nodes it is
 * @param conditions Ready, Reconciling, Stalled
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record BaseImageStatus(
        @Nullable @Min(-1) Long observedGeneration,
        @Nullable @Size(max = DIGEST_MAX) String digest,
        @Nullable @Min(0) Long bytes,
        @Nullable @Min(0) Long files,
        @Nullable BlockedBy blockedBy,
        @Nullable BaseImageNodes nodes,
        @ListKey("type") @Size(max = 16) List<Condition> conditions) {
    public BaseImageStatus {
        conditions = Lists.orEmpty(conditions);
    }
}
