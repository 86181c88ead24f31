package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.*;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * A directory of a node that holds base images and slivers.
 *
 * @param nodeName the node; immutable
 * @param path the directory; immutable
 * @param isDefault whether slivers of the node that name no store go here
 * @param drivers the drivers that auto chooses from, best first; what is best on this file system when empty
 * @param reserve space that is not given away
 * @param idRanges ids of the node that slivers may run as, each FIRST:COUNT; every sliver takes 65536
 * @param rootfsPrefixes directories below which slivers may ask for their rootfs, besides the store's own
 * @param allow what slivers may ask for that reaches beyond themselves
 * @param maxParallelRewrites how many slivers are compacted, moved or rolled back at once
 * @param resync how often everything is compared without an occasion
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record NodeStoreSpec(
        @Required
                @Pattern(DNS_SUBDOMAIN)
                @Size(min = 1, max = NODE_MAX)
                @ValidationRule(value = SAME_RULE, message = SAME_SAYS)
                String nodeName,
        @Required
                @Pattern(ABSOLUTE_PATH)
                @Size(min = 2, max = PATH_MAX)
                @ValidationRule(value = SAME_RULE, message = SAME_SAYS)
                @ValidationRule(value = PATH_RULE, message = PATH_SAYS)
                String path,
        @JsonProperty("default") @Default("false") boolean isDefault,
        @Size(max = 32) List<@Pattern(DNS_LABEL) @Size(min = 1, max = LABEL_MAX) String> drivers,
        @Default("{}") ReserveSpec reserve,
        @Default("[\"1000000:1000000000\"]")
                @Size(min = 1, max = 16)
                @ValidationRule(
                        value = "self.all(r, !r.matches('^[0-9]{1,10}:[0-9]{1,10}$') || (int(r.split(':')[0]) >= 65536"
                                + " && int(r.split(':')[1]) >= 65536"
                                + " && int(r.split(':')[0]) + int(r.split(':')[1]) <= 2147483647))",
                        message = "each range must begin at 65536 or later, hold at least 65536 ids and end below"
                                + " 2147483647")
                List<@Pattern(ID_RANGE) @Size(max = 21) String> idRanges,
        @Size(max = 64) List<@Pattern(ABSOLUTE_PATH) @Size(min = 2, max = PATH_MAX) String> rootfsPrefixes,
        @Default("{}") AllowSpec allow,
        @Default("2") @Min(1) @Max(64) int maxParallelRewrites,
        @Default("5m")
                @Pattern(DURATION)
                @Size(max = DURATION_MAX)
                @ValidationRule(
                        value = "duration(self) >= duration('1s') && duration(self) <= duration('24h')",
                        message = "must be from 1s to 24h")
                String resync) {
    public NodeStoreSpec {
        drivers = Lists.orEmpty(drivers);
        idRanges = Lists.orEmpty(idRanges);
        rootfsPrefixes = Lists.orEmpty(rootfsPrefixes);
    }
}
