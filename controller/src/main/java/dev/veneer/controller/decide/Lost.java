package dev.veneer.controller.decide;

import dev.veneer.api.Conditions;
import dev.veneer.api.Reason;
import dev.veneer.api.v1alpha1.Condition;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

/** The one condition of others' objects that the controller sets: Ready=Unknown when a node does not report any more. */
public final class Lost {
    private Lost() {}

    /** Whether an object says so already. */
    public static boolean is(List<Condition> conditions) {
        return since(conditions).isPresent();
    }

    /** Since when an object says so. */
    public static Optional<Instant> since(List<Condition> conditions) {
        return ConditionList.find(conditions, Conditions.READY)
                .filter(ready -> ready.status() == Condition.Status.Unknown
                        && ready.reason().equals(Reason.NodeLost.name()))
                .flatMap(ready -> time(ready.lastTransitionTime()));
    }

    private static Optional<Instant> time(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /**
     * The condition for an object.
     *
     * @param before the object's conditions
     * @param generation the generation that its status describes
     * @param node its node
     * @param now the time
     */
    public static Condition condition(List<Condition> before, long generation, String node, Instant now) {
        ConditionList made = new ConditionList(before, Math.max(0, generation), now);
        made.set(
                Conditions.READY,
                Condition.Status.Unknown,
                Reason.NodeLost,
                "the agent of node " + node
                        + " has not renewed its Lease; what is there goes on as it was, and the agent"
                        + " takes this back when it is reached again");
        return made.made().get(0);
    }
}
