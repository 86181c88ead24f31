package dev.veneer.node.plan;

import dev.veneer.node.model.DesiredSliver;
import java.time.Instant;

/** What {@code expiresAt} and {@code deleteAfter} mean now. */
final class Expiry {
    private Expiry() {}

    static boolean isExpired(DesiredSliver sliver, Instant now) {
        return sliver.expiresAt() != null && !now.isBefore(sliver.expiresAt());
    }

    /** Whether its data have had their time too. */
    static boolean isOver(DesiredSliver sliver, Instant now) {
        Instant expiresAt = sliver.expiresAt();
        return expiresAt != null && sliver.deleteAfter() != null && !now.isBefore(expiresAt.plus(sliver.deleteAfter()));
    }

    static String text(DesiredSliver sliver) {
        return "expired at " + sliver.expiresAt();
    }
}
