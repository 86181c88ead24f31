package dev.veneer.node.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.veneer.api.Durations;
import dev.veneer.api.Quantities;
import dev.veneer.api.v1alpha1.ArchiveSource;
import dev.veneer.api.v1alpha1.BaseImageSource;
import dev.veneer.api.v1alpha1.BaseImageSpec;
import dev.veneer.api.v1alpha1.CompactionSpec;
import dev.veneer.api.v1alpha1.EnvironmentVariable;
import dev.veneer.api.v1alpha1.LxcSpec;
import dev.veneer.api.v1alpha1.NodeStoreSpec;
import dev.veneer.api.v1alpha1.RebaseSpec;
import dev.veneer.api.v1alpha1.RollbackSpec;
import dev.veneer.api.v1alpha1.SecretRef;
import dev.veneer.api.v1alpha1.SliverSpec;
import dev.veneer.api.v1alpha1.SnapshotsSpec;
import dev.veneer.api.v1alpha1.UpdatePolicy;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns canonical specs, as validation makes them and the store's records keep them, into the node's model. All methods
 * throw {@link IllegalArgumentException} when the text is not a spec that validation would have let through.
 */
public final class DeclaredSpecs {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** The last sliver that was read: most have the same spec as the one before, which then need not be read again. */
    private static volatile @Nullable DesiredSliver last;

    private DeclaredSpecs() {}

    /** A sliver from its canonical spec, without labels and annotations. */
    public static DesiredSliver sliver(SliverId id, String canonicalSpec, String origin) {
        return sliver(id, canonicalSpec, Map.of(), Map.of(), origin, null);
    }

    /** A sliver from its canonical spec; those that are made after each other share what their specs have in common. */
    public static DesiredSliver sliver(
            SliverId id,
            String canonicalSpec,
            Map<String, String> labels,
            Map<String, String> annotations,
            String origin,
            @Nullable DeclaredIdentity identity) {
        DesiredSliver before = last;
        if (before != null && before.canonicalSpec().equals(canonicalSpec)) {
            return before.another(id, labels, annotations, origin, identity);
        }
        SliverSpec spec = read(SliverSpec.class, canonicalSpec);
        DesiredSliver sliver = new DesiredSliver(
                id,
                spec.baseImage(),
                spec.driver(),
                spec.store(),
                spec.rootfs(),
                PowerState.valueOf(spec.desiredState().name()),
                UserNamespaceMode.valueOf(spec.userNamespace().name()),
                lxc(spec.lxc()),
                spec.personalize(),
                spec.content() == null ? null : archive(spec.content().archive()),
                spec.instanceSerial(),
                Durations.parse(spec.keepPrevious()),
                spec.update().policy() == UpdatePolicy.Restart,
                spec.update().windows(),
                Durations.parse(spec.update().grace()),
                rewriting(spec),
                spec.expiresAt() == null
                        ? null
                        : OffsetDateTime.parse(spec.expiresAt()).toInstant(),
                duration(spec.deleteAfter()),
                DeletionPolicy.valueOf(spec.deletionPolicy().name()),
                spec.suspend(),
                labels,
                annotations,
                canonicalSpec,
                origin,
                identity);
        last = sliver;
        return sliver;
    }

    private static RewriteSettings rewriting(SliverSpec spec) {
        CompactionSpec compaction = spec.compaction();
        SnapshotsSpec snapshots = spec.snapshots();
        RollbackSpec rollback = spec.rollback();
        RebaseSpec rebase = spec.rebase();
        if (rebase == null && spec.pins().isEmpty() && compaction == null && snapshots == null && rollback == null) {
            return RewriteSettings.DEFAULT;
        }
        return new RewriteSettings(
                rebase == null ? RewriteSettings.DEFAULT_REBASE : rebase,
                spec.pins(),
                compaction == null
                        ? null
                        : new RewriteSettings.Compaction(
                                new Schedule(compaction.schedule(), compaction.timeZone()),
                                Quantities.whole(compaction.minReclaimable())),
                snapshots == null
                        ? null
                        : new RewriteSettings.Snapshots(
                                new Schedule(snapshots.schedule(), snapshots.timeZone()), snapshots.keep()),
                rollback == null ? null : new RewriteSettings.Rollback(rollback.to(), rollback.serial()));
    }

    /** A base image from its canonical spec. */
    public static DesiredBaseImage image(String name, String canonicalSpec, String origin) {
        BaseImageSpec spec = read(BaseImageSpec.class, canonicalSpec);
        return new DesiredBaseImage(
                name,
                source(spec.source()),
                Durations.parse(spec.retention().keepUnreferenced()),
                spec.retention().pinned(),
                spec.allowedNamespaces(),
                spec.suspend(),
                canonicalSpec,
                origin,
                null,
                null);
    }

    /** A node store from its canonical spec. */
    public static DesiredStore store(String name, String canonicalSpec, String origin) {
        NodeStoreSpec spec = read(NodeStoreSpec.class, canonicalSpec);
        return new DesiredStore(
                name,
                spec.drivers(),
                Quantities.whole(spec.reserve().minFree()),
                spec.idRanges().stream().map(DeclaredSpecs::idRange).toList(),
                spec.rootfsPrefixes(),
                spec.allow().hostUserNamespace(),
                spec.allow().hostPaths(),
                spec.allow().tenantLxcConfig(),
                spec.maxParallelRewrites(),
                Durations.parse(spec.resync()),
                canonicalSpec,
                origin);
    }

    private static <T> T read(Class<T> type, String canonicalSpec) {
        try {
            return MAPPER.readValue(canonicalSpec, type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a canonical spec: " + e.getOriginalMessage(), e);
        }
    }

    private static LxcSettings lxc(LxcSpec spec) {
        Map<String, String> environment = new TreeMap<>();
        for (EnvironmentVariable variable : spec.environment()) {
            environment.put(variable.name(), variable.value());
        }
        return new LxcSettings(
                spec.config(),
                spec.network() == null ? null : spec.network().bridge(),
                spec.memory() == null ? 0 : Quantities.whole(spec.memory()),
                spec.cpus() == null ? 0 : Quantities.milli(spec.cpus()),
                spec.pids() == null ? 0 : spec.pids(),
                environment);
    }

    private static ImageSource source(BaseImageSource source) {
        if (source.archive() != null) {
            return new ImageSource.Archive(archive(source.archive()));
        }
        if (source.ociLayout() != null) {
            String reference = source.ociLayout().reference();
            return new ImageSource.OciLayout(source.ociLayout().path(), reference == null ? "" : reference);
        }
        if (source.directory() != null) {
            return new ImageSource.Directory(source.directory().path());
        }
        if (source.sliver() != null) {
            return new ImageSource.Sliver(
                    new SliverId(source.sliver().namespace(), source.sliver().name()));
        }
        throw new IllegalArgumentException("a source of no kind");
    }

    private static ArchiveRef archive(ArchiveSource archive) {
        return new ArchiveRef(
                archive.url(),
                archive.digest(),
                List.copyOf(archive.mirrors()),
                name(archive.secretRef()),
                name(archive.caSecretRef()));
    }

    private static @Nullable String name(@Nullable SecretRef secret) {
        return secret == null ? null : secret.name();
    }

    private static @Nullable Duration duration(@Nullable String text) {
        return text == null ? null : Durations.parse(text);
    }

    private static IdRange idRange(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("not a range of ids: " + text);
        }
        return new IdRange(Integer.parseInt(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
    }
}
