package dev.veneer.node.model;

import dev.veneer.api.v1alpha1.UpdateWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Sliver as it is declared for this node, validated and with defaults filled in.
 *
 * @param id namespace and name
 * @param baseImage name of the BaseImage
 * @param driver a driver's name, or {@code auto}
 * @param store name of the NodeStore, or null for the node's default one
 * @param rootfs where it is mounted, or null for the default below the store
 * @param power how far it is brought up
 * @param userNamespace when its ids are mapped
 * @param lxc how its container runs
 * @param personalize hostname, machine-id and ssh host keys of its own
 * @param content an archive laid into a new instance, or null
 * @param instanceSerial raised: it starts again from its base
 * @param keepPrevious how long the revision before a new instance is kept
 * @param restartToUpdate {@code update.policy: Restart}, else {@code WhenStopped}
 * @param updateWindows when it may be changed while it runs; always when empty
 * @param grace how long a container may take to stop
 * @param rewriting how its writable store may be written anew
 * @param expiresAt when it is stopped, or null
 * @param deleteAfter how long after {@code expiresAt} its data go, or null for never
 * @param deletionPolicy what becomes of its data when it is no longer declared
 * @param suspend nothing at all is done to it
 * @param labels its labels
 * @param annotations its annotations
 * @param canonicalSpec the spec as canonical JSON with defaults filled in; its change raises the generation
 * @param origin where it is declared, for people ({@code file:line})
 * @param identity which object it is, or null when the store says that
 */
public record DesiredSliver(
        SliverId id,
        String baseImage,
        String driver,
        @Nullable String store,
        @Nullable String rootfs,
        PowerState power,
        UserNamespaceMode userNamespace,
        LxcSettings lxc,
        boolean personalize,
        @Nullable ArchiveRef content,
        int instanceSerial,
        Duration keepPrevious,
        boolean restartToUpdate,
        List<UpdateWindow> updateWindows,
        Duration grace,
        RewriteSettings rewriting,
        @Nullable Instant expiresAt,
        @Nullable Duration deleteAfter,
        DeletionPolicy deletionPolicy,
        boolean suspend,
        Map<String, String> labels,
        Map<String, String> annotations,
        String canonicalSpec,
        String origin,
        @Nullable DeclaredIdentity identity) {
    /** The value of {@code driver} that leaves the choice to the node. */
    public static final String AUTO_DRIVER = "auto";

    public DesiredSliver {
        updateWindows = List.copyOf(updateWindows);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    /** Another sliver that is declared by the same spec. */
    DesiredSliver another(
            SliverId otherId,
            Map<String, String> otherLabels,
            Map<String, String> otherAnnotations,
            String otherOrigin,
            @Nullable DeclaredIdentity otherIdentity) {
        return new DesiredSliver(
                otherId,
                baseImage,
                driver,
                store,
                rootfs,
                power,
                userNamespace,
                lxc,
                personalize,
                content,
                instanceSerial,
                keepPrevious,
                restartToUpdate,
                updateWindows,
                grace,
                rewriting,
                expiresAt,
                deleteAfter,
                deletionPolicy,
                suspend,
                otherLabels,
                otherAnnotations,
                canonicalSpec,
                otherOrigin,
                otherIdentity);
    }

    /** The same as another object. */
    public DesiredSliver as(@Nullable DeclaredIdentity object) {
        return another(id, labels, annotations, origin, object);
    }

    /** What a rollback holds against until one of it is edited. */
    public String standpoint() {
        return "baseImage " + baseImage + ", driver " + driver + ", instanceSerial " + instanceSerial;
    }

    /** Whether it may be changed at {@code now} while it runs, as far as its windows say. */
    public boolean mayChangeRunning(Instant now) {
        return updateWindows.isEmpty() || updateWindows.stream().anyMatch(window -> window.isOpen(now));
    }
}
