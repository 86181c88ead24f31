package dev.veneer.node.execute;

import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.plan.Rewrite;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites that were looked at before their slivers were stopped for them. A container stops in its own time, and the plan
 * of a later pass goes on: the sliver is then down, and is not kept waiting for a second look. Thread-safe.
 */
public final class Looks implements AutoCloseable {
    /** A sliver that is not down by then has stopped otherwise, or its rewrite was taken back. */
    private static final Duration LONGEST = Duration.ofMinutes(10);

    /** One of them. */
    record Look(Rewrite rewrite, @Nullable Foresight foresight, Instant when) {
        void close() {
            if (foresight != null) {
                foresight.close();
            }
        }
    }

    private final Clock clock;
    private final Map<ObjectRef, Look> looks = new HashMap<>();

    /** None yet. */
    public Looks(Clock clock) {
        this.clock = clock;
    }

    /**
     * Keeps one until its sliver is down.
     *
     * @param foresight what was found out; theirs from now on
     */
    synchronized void keep(Rewrite rewrite, @Nullable Foresight foresight) {
        Instant now = clock.instant();
        for (Iterator<Look> each = looks.values().iterator(); each.hasNext(); ) {
            Look look = each.next();
            if (isOld(look, now)) {
                look.close();
                each.remove();
            }
        }
        Look before = looks.put(rewrite.object(), new Look(rewrite, foresight, now));
        if (before != null) {
            before.close();
        }
    }

    private static boolean isOld(Look look, Instant now) {
        return look.when().isBefore(now.minus(LONGEST));
    }

    /** Takes the one of just this rewrite, unless it is too old; null when there is none. Any other of the same sliver is given up. */
    synchronized @Nullable Look take(Rewrite rewrite) {
        Look look = looks.remove(rewrite.object());
        if (look == null
                || (!isOld(look, clock.instant()) && wish(look.rewrite()).equals(wish(rewrite)))) {
            return look;
        }
        look.close();
        return null;
    }

    /** What is to be done with what; the rest of a rewrite's record tells when it was planned, which is another time in each pass. */
    private static List<Object> wish(Rewrite rewrite) {
        SliverRecord record = rewrite.record();
        return List.of(
                rewrite.getClass(),
                record.uid(),
                record.canonicalSpec(),
                record.baseDigest(),
                record.driver(),
                record.revision(),
                rewrite.from(),
                rewrite instanceof Rewrite.Restore restore ? restore.to() : 0);
    }

    @Override
    public synchronized void close() {
        looks.values().forEach(Look::close);
        looks.clear();
    }
}
