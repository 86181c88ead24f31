package dev.veneer.node.execute;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.TreeStamp;
import dev.veneer.node.tree.rebase.RebasePlan;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What was decided of a move while the sliver was still mounted, with a mark of the tree that it was decided on. If the
 * mark is the same once the sliver is unmounted, nothing has changed since, and nothing has to be decided a second time.
 *
 * <p>For slivers that do not run: one that does is changed by being stopped.
 */
final class ForeseenMove implements Foresight {
    private final Bytes mark;
    private final RebasePlan plan;

    private ForeseenMove(Bytes mark, RebasePlan plan) {
        this.mark = mark;
        this.plan = plan;
    }

    /** A tree as it was before anything was read in it. */
    record Before(@Nullable TreeStamp stamp) {
        /** Where it cannot be told by a mark whether the tree changes. */
        static final Before UNKNOWN = new Before(null);

        /**
         * Looks at the tree below an open directory.
         *
         * @param clock tells now
         */
        static Before of(LinuxCalls calls, int root, Clock clock) throws LinuxException {
            Instant settled = ChangeTimes.settled(calls, root, clock);
            try {
                TreeStamp stamp = TreeStamp.of(calls, root);
                return stamp.newest().isBefore(settled) ? new Before(stamp) : UNKNOWN;
            } catch (LinuxException | NodeException e) {
                // Something vanished meanwhile, it has mounts or subvolumes in it, or it cannot be read. What comes of
                // that is said by who reads it next.
                return UNKNOWN;
            }
        }

        /** What was decided on the tree; null where nobody can tell later whether it still holds. */
        @Nullable
        ForeseenMove decided(RebasePlan plan) {
            return stamp == null ? null : new ForeseenMove(stamp.digest(), plan);
        }
    }

    /** What was decided, if the tree below an open directory is still the one that it was decided on; else null. */
    @Nullable
    RebasePlan ifStill(LinuxCalls calls, int root) throws LinuxException {
        try {
            return TreeStamp.of(calls, root).digest().equals(mark) ? plan : null;
        } catch (NodeException e) {
            return null;
        }
    }
}
