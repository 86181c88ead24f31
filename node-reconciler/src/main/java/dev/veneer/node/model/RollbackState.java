package dev.veneer.node.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a sliver stands with orders to go back.
 *
 * @param answered serial of the last order that was carried out; 0 for none
 * @param to the revision or snapshot that it went back to last, by order or by command; 0 when it never did
 * @param at when that was; null when it never was, or when an older version of Veneer did it
 * @param held what was declared when it went back, against which it is held; null when it is not
 * @param refused the last order that could not be carried out, since what it names was not kept; null when there is none.
 *     It is not tried again: by then its number may be that of something else
 */
public record RollbackState(
        int answered, int to, @Nullable Instant at, @Nullable String held, RewriteSettings.@Nullable Rollback refused) {
    /** It never went back, and no order is answered. */
    public static final RollbackState NONE = ofNew(0);

    /** Of a new sliver: the order that it is declared with counts as answered. */
    public static RollbackState ofNew(int serial) {
        return new RollbackState(serial, 0, null, null, null);
    }

    /** The same when it is held no longer. */
    public RollbackState released() {
        return new RollbackState(answered, to, at, null, refused);
    }

    /** The same when an order was refused. */
    public RollbackState refusing(RewriteSettings.Rollback order) {
        return new RollbackState(answered, to, at, held, order);
    }

    /** Whether there is nothing to say of it. */
    public boolean isNone() {
        return equals(NONE);
    }
}
