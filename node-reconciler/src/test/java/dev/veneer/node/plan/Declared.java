package dev.veneer.node.plan;

import dev.veneer.api.v1alpha1.UpdateWindow;
import dev.veneer.node.model.ArchiveRef;
import dev.veneer.node.model.DeletionPolicy;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.ImageSource;
import dev.veneer.node.model.LxcSettings;
import dev.veneer.node.model.PowerState;
import dev.veneer.node.model.RewriteSettings;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.UserNamespaceMode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A sliver's declaration that a test edits field by field. */
final class Declared {
    final SliverId id;
    String baseImage = "debian";
    String driver = "auto";

    @Nullable
    String rootfs;

    PowerState power = PowerState.Deployed;
    UserNamespaceMode userNamespace = UserNamespaceMode.Auto;
    int instanceSerial = 1;
    long memory;

    @Nullable
    Instant expiresAt;

    @Nullable
    Duration deleteAfter;

    DeletionPolicy deletionPolicy = DeletionPolicy.Delete;
    boolean restartToUpdate = true;
    List<UpdateWindow> updateWindows = List.of();
    boolean suspend;
    RewriteSettings rewriting = RewriteSettings.DEFAULT;

    Declared(String name) {
        id = new SliverId("default", name);
    }

    DesiredSliver toSliver() {
        String canonical = String.join(
                "|",
                baseImage,
                driver,
                Objects.toString(rootfs),
                power.name(),
                userNamespace.name(),
                Integer.toString(instanceSerial),
                Long.toString(memory),
                Objects.toString(expiresAt),
                Objects.toString(deleteAfter),
                deletionPolicy.name(),
                Boolean.toString(restartToUpdate),
                updateWindows.toString(),
                Boolean.toString(suspend),
                rewriting.toString());
        return new DesiredSliver(
                id,
                baseImage,
                driver,
                null,
                rootfs,
                power,
                userNamespace,
                new LxcSettings(List.of(), null, memory, 0, 0, Map.of()),
                true,
                null,
                instanceSerial,
                Duration.ofHours(24),
                restartToUpdate,
                updateWindows,
                Duration.ofSeconds(30),
                rewriting,
                expiresAt,
                deleteAfter,
                deletionPolicy,
                suspend,
                Map.of(),
                Map.of(),
                canonical,
                "slivers.yaml:1",
                null);
    }

    static DesiredBaseImage imageOf(String name, SliverId sliver) {
        return new DesiredBaseImage(
                name,
                new ImageSource.Sliver(sliver),
                Duration.ofHours(24),
                false,
                false,
                "of " + sliver,
                "images.yaml:9",
                null);
    }

    static DesiredBaseImage image(String name, String url) {
        return image(name, url, false);
    }

    static DesiredBaseImage image(String name, String url, boolean pinned) {
        return new DesiredBaseImage(
                name,
                new ImageSource.Archive(new ArchiveRef(url, null, List.of(), null, null)),
                Duration.ofHours(24),
                pinned,
                false,
                url + "|" + pinned,
                "images.yaml:1",
                null);
    }
}
