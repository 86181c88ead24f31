package dev.veneer.node.plan;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.RootfsFacts;
import dev.veneer.node.model.UserNamespaceMode;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a sliver may ask for on this node, and which edits of an existing one are refused. */
final class SliverRules {
    private SliverRules() {}

    /** The sliver's rootfs: what it asks for, or the default below the store. */
    static String rootfs(DesiredSliver sliver, PlanInput input) {
        String asked = sliver.rootfs();
        return asked != null ? asked : input.actual().node().rootfsDirectory() + "/" + sliver.id();
    }

    /** Refuses what is not for the sliver's namespace, or what the NodeStore does not allow. */
    static void check(DesiredSliver sliver, PlanInput input) throws NodeException {
        TenantRules.check(sliver);
        if (sliver.store() != null && !sliver.store().equals(input.store().name())) {
            throw refuse(
                    sliver,
                    Reason.NotAllowed,
                    "spec.store is " + sliver.store() + ", and this node's store is "
                            + input.store().name());
        }
        if (sliver.userNamespace() == UserNamespaceMode.Host && !input.store().allowHostUserNamespace()) {
            throw refuse(
                    sliver,
                    Reason.NotAllowed,
                    "userNamespace: Host needs NodeStore.spec.allow.hostUserNamespace: true");
        }
        String rootfs = sliver.rootfs();
        if (rootfs != null && !isBelowPrefix(rootfs, input)) {
            throw refuse(
                    sliver,
                    Reason.NotAllowed,
                    "rootfs " + rootfs + " is not below one of NodeStore.spec.rootfsPrefixes "
                            + input.store().rootfsPrefixes());
        }
    }

    /** Why an edit of an existing sliver is refused, or null. The last good version then stays in force. */
    static @Nullable NodeException refusedEdit(DesiredSliver declared, ActualSliver actual, PlanInput input) {
        DesiredSliver inForce = actual.inForce();
        boolean sameDriver = declared.driver().equals(inForce.driver())
                || declared.driver().equals(actual.record().driver())
                || declared.driver().equals(DesiredSliver.AUTO_DRIVER);
        if (!sameDriver) {
            return refuse(
                    declared,
                    Reason.Immutable,
                    "spec.driver cannot be changed from " + actual.record().driver() + " to " + declared.driver()
                            + ": this version has no conversion yet. The sliver stays as it is");
        }
        if (declared.store() != null
                && !Objects.equals(declared.store(), actual.record().store())) {
            return refuse(
                    declared,
                    Reason.Immutable,
                    "spec.store cannot be changed from " + actual.record().store() + " to " + declared.store()
                            + ". The sliver stays where it is");
        }
        if (declared.instanceSerial() < actual.record().instanceSerial()) {
            return refuse(
                    declared,
                    Reason.Immutable,
                    "spec.instanceSerial cannot go back from " + actual.record().instanceSerial() + " to "
                            + declared.instanceSerial());
        }
        boolean inUse = actual.rootfs() instanceof RootfsFacts.Ours
                || actual.container().running();
        if (inUse && !rootfs(declared, input).equals(actual.record().rootfs())) {
            return refuse(
                    declared,
                    Reason.Immutable,
                    "spec.rootfs cannot be changed while it is mounted; set desiredState: Registered first");
        }
        return null;
    }

    private static boolean isBelowPrefix(String rootfs, PlanInput input) {
        for (String prefix : input.store().rootfsPrefixes()) {
            String directory = prefix.endsWith("/") ? prefix : prefix + "/";
            if (rootfs.startsWith(directory) && rootfs.length() > directory.length()) {
                return true;
            }
        }
        return rootfs.startsWith(input.actual().node().rootfsDirectory() + "/");
    }

    private static NodeException refuse(DesiredSliver sliver, Reason reason, String message) {
        return new NodeException(reason, Follow.STALLED, sliver.origin() + ": " + message);
    }
}
