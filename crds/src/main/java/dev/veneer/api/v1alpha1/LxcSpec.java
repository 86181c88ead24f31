package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.CPUS;
import static dev.veneer.api.v1alpha1.Forms.QUANTITY;
import static dev.veneer.api.v1alpha1.Forms.QUANTITY_MAX;
import static dev.veneer.api.v1alpha1.Forms.QUANTITY_WHOLE;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How LXC runs a sliver.
 *
 * @param config further lines of LXC configuration, each KEY = VALUE; what breaks out of the sliver is refused
 * @param network its network; none when absent
 * @param memory the most memory it may take, such as 512Mi
 * @param cpus the most processor time it may take, in processors, such as 1.5 or 250m
 * @param pids the most processes it may have
 * @param environment variables for its first process
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record LxcSpec(
        @Size(max = 64)
                List<
                                @Pattern("^lxc[.][a-z0-9_.]+ *=[^\\x00-\\x08\\x0a-\\x1f\\x7f]*$")
                                @Size(min = 1, max = 1024) String>
                        config,
        @Nullable NetworkSpec network,
        @Nullable @IntOrString(max = QUANTITY_WHOLE) @Pattern(QUANTITY) @Size(max = QUANTITY_MAX) String memory,
        @Nullable @IntOrString(max = 9999) @Pattern(CPUS) @Size(max = QUANTITY_MAX) String cpus,
        @Nullable @Min(1) @Max(4194304) Integer pids,
        @ListKey("name") @Size(max = 64) List<EnvironmentVariable> environment) {
    public LxcSpec {
        config = Lists.orEmpty(config);
        environment = Lists.orEmpty(environment);
    }
}
