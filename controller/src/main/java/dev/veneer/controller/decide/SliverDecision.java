package dev.veneer.controller.decide;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the controller does about a sliver.
 *
 * @param act what
 * @param why in words, for the event; empty when nothing is done
 * @param again after which time it is to be looked at again, or null
 */
public record SliverDecision(Act act, String why, @Nullable Duration again) {
    /** What is done. */
    public enum Act {
        /** Nothing. */
        NOTHING,
        /** Ready becomes Unknown. */
        MARK_LOST,
        /** The agent's finalizer is taken off: nobody waits for the node any longer. */
        GIVE_UP
    }

    /**
     * A sliver as far as it matters here.
     *
     * @param deleted whether it has a deletionTimestamp
     * @param held whether it has the agent's finalizer
     * @param abandoned whether its annotation says that the node will not come back
     * @param looked whether an agent ever reported on it
     * @param markedLost whether Ready=Unknown says that its node is lost
     */
    public record Sliver(boolean deleted, boolean held, boolean abandoned, boolean looked, boolean markedLost) {}

    /**
     * Its node.
     *
     * @param name its name
     * @param lostSince since when its NodeStore says that its agent does not report; null when it reports or has no NodeStore
     * @param registered whether there is a Node object
     * @param unseenFor for how long this process itself has found no Node object and no heartbeat
     */
    public record Node(String name, @Nullable Instant lostSince, boolean registered, Duration unseenFor) {}

    private static final SliverDecision NOTHING = new SliverDecision(Act.NOTHING, "", null);

    /** Nothing tells when a Node object goes. */
    private static final Duration NODE_AGAIN = Duration.ofMinutes(1);

    /** A clock that jumps must not let go at once of what many nodes hold. */
    static final Duration OWN_LOOK = Duration.ofMinutes(10);

    /**
     * Decides.
     *
     * @param goneAfter after which time without Node object and heartbeat a node is gone for ever
     */
    public static SliverDecision of(Sliver sliver, Node node, Instant now, Duration goneAfter) {
        if (sliver.deleted() && sliver.held()) {
            if (sliver.abandoned()) {
                return new SliverDecision(
                        Act.GIVE_UP,
                        "abandoned, as its annotation says; if node " + node.name()
                                + " holds data of it, they are an orphan there",
                        null);
            }
            if (node.lostSince() != null && node.registered()) {
                return new SliverDecision(needsMark(sliver) ? Act.MARK_LOST : Act.NOTHING, "", NODE_AGAIN);
            }
            if (node.lostSince() != null) {
                Duration left = longer(
                        goneAfter.minus(Duration.between(node.lostSince(), now)),
                        shorter(goneAfter, OWN_LOOK).minus(node.unseenFor()));
                if (left.compareTo(Duration.ZERO) <= 0) {
                    return new SliverDecision(
                            Act.GIVE_UP,
                            "node " + node.name() + " has been gone since " + node.lostSince()
                                    + "; if it comes back, what it holds is an orphan there",
                            null);
                }
                return new SliverDecision(needsMark(sliver) ? Act.MARK_LOST : Act.NOTHING, "", left.plusSeconds(1));
            }
        }
        return node.lostSince() != null && needsMark(sliver) ? new SliverDecision(Act.MARK_LOST, "", null) : NOTHING;
    }

    private static boolean needsMark(Sliver sliver) {
        return sliver.looked() && !sliver.markedLost();
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }
}
