package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.*;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a sliver shall be.
 *
 * @param nodeName the node that it lies on; immutable. In files it defaults to the node that reads them
 * @param baseImage the BaseImage that it starts from
 * @param driver how it is built: auto, or the name of a driver. Resolved once and kept in status.driver
 * @param store the NodeStore that holds it; the node's only or default one when absent
 * @param rootfs where it is mounted; below the store's rootfs directory when absent
 * @param desiredState how far it is brought
 * @param userNamespace whether root inside is root of the node
 * @param lxc how LXC runs it
 * @param personalize whether hostname, machine-id and ssh host keys are made its own at first start
 * @param content what is laid into it when it is new
 * @param instanceSerial raised: the sliver starts again from its base
 * @param keepPrevious how long the revision before a new instance is kept
 * @param update how it is changed while it runs
 * @param rebase what happens when baseImage is edited
 * @param pins patterns of paths, as in .gitignore, that stay the sliver's whatever the base holds
 * @param compaction when its writable store is compacted; only when asked for when absent
 * @param snapshots when snapshots of its writable store are taken; none when absent
 * @param rollback to which earlier state it goes back, once
 * @param expiresAt when it is stopped for ever, RFC 3339
 * @param deleteAfter how long after expiresAt its data are removed; never when absent
 * @param deletionPolicy what happens to its data when it is deleted
 * @param suspend whether nothing at all is done to it, healing and deletion included
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.deleteAfter) || has(self.expiresAt)",
        message = "deleteAfter counts from expiresAt, which is not given")
public record SliverSpec(
        @Required
                @Pattern(DNS_SUBDOMAIN)
                @Size(min = 1, max = NODE_MAX)
                @ValidationRule(value = SAME_RULE, message = SAME_SAYS)
                String nodeName,
        @Required @Pattern(DNS_LABEL) @Size(min = 1, max = LABEL_MAX) String baseImage,
        @Default("auto") @Pattern(DNS_LABEL) @Size(min = 1, max = LABEL_MAX) String driver,
        @Nullable @Pattern(DNS_LABEL) @Size(min = 1, max = LABEL_MAX) String store,
        @Nullable
                @Pattern(ABSOLUTE_PATH)
                @Size(min = 2, max = PATH_MAX)
                @ValidationRule(value = PATH_RULE, message = PATH_SAYS)
                String rootfs,
        @Default("Deployed") TargetState desiredState,
        @Default("Auto") UserNamespaceMode userNamespace,
        @Default("{}") LxcSpec lxc,
        @Default("true") boolean personalize,
        @Nullable ContentSpec content,
        @Default("1") @Min(1) @Max(2147483647) int instanceSerial,
        @Default("24h")
                @Pattern(DURATION)
                @Size(max = DURATION_MAX)
                @ValidationRule(value = DURATION_RULE, message = DURATION_SAYS)
                String keepPrevious,
        @Default("{}") UpdateSpec update,
        @Nullable RebaseSpec rebase,
        @Size(max = 64) List<@Pattern(PATH_PATTERN) @Size(min = 1, max = PATH_MAX) String> pins,
        @Nullable CompactionSpec compaction,
        @Nullable SnapshotsSpec snapshots,
        @Nullable RollbackSpec rollback,
        @Nullable @Pattern(TIME) @Size(max = TIME_MAX) @ValidationRule(value = TIME_RULE, message = TIME_SAYS)
                String expiresAt,
        @Nullable
                @Pattern(DURATION)
                @Size(max = DURATION_MAX)
                @ValidationRule(value = DURATION_RULE, message = DURATION_SAYS)
                String deleteAfter,
        @Default("Delete") DeletionPolicy deletionPolicy,
        @Default("false") boolean suspend) {
    public SliverSpec {
        pins = Lists.orEmpty(pins);
    }
}
