package dev.veneer.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/**
 * What happens when baseImage is edited.
 *
 * @param strategy what the sliver becomes
 * @param onConflict how conflicts are settled that no rule settles
 * @param rules the first that matches settles a conflict; they come before the built-in ones
 * @param packageAware whether package and user databases are merged by record
 * @param verify how much of the result is looked at before it is taken into use
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record RebaseSpec(
        @Default("Merge") RebaseStrategy strategy,
        @Default("Fail") ConflictChoice onConflict,
        @Size(max = 64) List<RebaseRule> rules,
        @Default("true") boolean packageAware,
        @Default("Touched") VerifyScope verify) {
    public RebaseSpec {
        rules = Lists.orEmpty(rules);
    }
}
