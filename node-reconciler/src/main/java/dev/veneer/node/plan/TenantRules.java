package dev.veneer.node.plan;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ArchiveRef;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.NamespaceTrust;
import dev.veneer.node.model.UserNamespaceMode;
import org.jspecify.annotations.Nullable;

/**
 * What a sliver may only ask for in a namespace that is trusted: what reaches beyond the sliver. A cluster's admission policy
 * says the same in the same words; here it holds where that policy is missing or was written around. What is declared in files
 * is the operator's own.
 */
public final class TenantRules {
    private static final String ONLY = " only for namespaces with the label veneer.dev/trusted=true";
    private static final String FILE = "file:";

    private TenantRules() {}

    /** What a sliver asks for that is for trusted namespaces only, as a refusal; null when it asks for no such thing. */
    public static @Nullable String reach(DesiredSliver sliver) {
        if (sliver.rootfs() != null) {
            return "spec.rootfs is" + ONLY + "; without it the sliver lies in its store";
        }
        if (!sliver.lxc().config().isEmpty()) {
            return "spec.lxc.config is" + ONLY;
        }
        if (sliver.userNamespace() == UserNamespaceMode.Host) {
            return "spec.userNamespace: Host is" + ONLY;
        }
        ArchiveRef archive = sliver.content();
        if (archive != null
                && (archive.url().startsWith(FILE)
                        || archive.mirrors().stream().anyMatch(mirror -> mirror.startsWith(FILE)))) {
            return "files of the node in spec.content.archive are" + ONLY;
        }
        return archive != null && (archive.secretName() != null || archive.caSecretName() != null)
                ? "secrets in spec.content.archive are the operator's:" + ONLY
                : null;
    }

    /** Whether it is refused, or waits. */
    static boolean holds(DesiredSliver sliver) {
        DeclaredIdentity identity = sliver.identity();
        return identity != null && identity.trust() != NamespaceTrust.TRUSTED && reach(sliver) != null;
    }

    /** Refuses what is not for the sliver's namespace, and waits while nobody can tell whether it is. */
    static void check(DesiredSliver sliver) throws NodeException {
        DeclaredIdentity identity = sliver.identity();
        String reach = holds(sliver) ? reach(sliver) : null;
        if (identity == null || reach == null) {
            return;
        }
        if (identity.trust() == NamespaceTrust.UNKNOWN) {
            throw new NodeException(
                    Reason.Progressing,
                    Follow.WAIT,
                    "waits until the labels of namespace " + sliver.id().namespace() + " can be read: " + reach);
        }
        throw new NodeException(Reason.NotAllowed, Follow.STALLED, reach);
    }

    /** Why a sliver may not be made from a BaseImage or moved to it, or null when it may. Names no other namespace. */
    static @Nullable String closed(DesiredSliver sliver, @Nullable DesiredBaseImage image) {
        return image == null || image.isFor(sliver.id().namespace())
                ? null
                : "BaseImage " + image.name() + " is not for namespace "
                        + sliver.id().namespace() + ": its spec.allowedNamespaces does not name it";
    }
}
