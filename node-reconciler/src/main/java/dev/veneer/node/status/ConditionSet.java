package dev.veneer.node.status;

import dev.veneer.api.Reason;
import dev.veneer.api.v1alpha1.Condition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The conditions of one object: a transition's time stays as long as the status does not change. */
final class ConditionSet {
    /** Longest message that the API admits. */
    private static final int MESSAGE_MAX = 1024;

    private final List<Condition> previous;
    private final List<Condition> conditions = new ArrayList<>();
    private final long generation;
    private final Instant now;

    ConditionSet(List<Condition> previous, long generation, Instant now) {
        this.previous = previous;
        this.generation = generation;
        this.now = now;
    }

    void set(String type, Condition.Status status, Reason reason, String message) {
        String since = now.truncatedTo(ChronoUnit.SECONDS).toString();
        Condition before = find(type);
        if (before != null && before.status() == status) {
            since = before.lastTransitionTime();
        }
        conditions.add(new Condition(type, status, generation, since, reason.name(), cut(message)));
    }

    void set(String type, boolean status, Reason reason, String message) {
        set(type, status ? Condition.Status.True : Condition.Status.False, reason, message);
    }

    List<Condition> toList() {
        return List.copyOf(conditions);
    }

    private @Nullable Condition find(String type) {
        for (Condition condition : previous) {
            if (condition.type().equals(type)) {
                return condition;
            }
        }
        return null;
    }

    static String cut(String message) {
        return message.length() <= MESSAGE_MAX ? message : message.substring(0, MESSAGE_MAX - 1) + "…";
    }
}
