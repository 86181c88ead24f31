package dev.veneer.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/**
 * What keeps a base image from being removed.
 *
 * @param count how many users there are
 * @param first the first of them, as namespace/name; in Kubernetes none, for others may read this
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record BlockedBy(@Min(0) int count, @Size(max = 10) List<@Size(max = 127) String> first) {
    public BlockedBy {
        first = Lists.orEmpty(first);
    }
}
