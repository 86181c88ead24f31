package dev.veneer.controller.decide;

import dev.veneer.api.Reason;
import dev.veneer.api.v1alpha1.Condition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The conditions of one object as they are made anew: a transition's time stays as long as the status does not change. */
final class ConditionList {
    /** Longest message that is written. */
    private static final int MESSAGE_MAX = 1024;

    private final List<Condition> before;
    private final long generation;
    private final Instant now;
    private final List<Condition> conditions = new ArrayList<>();

    ConditionList(List<Condition> before, long generation, Instant now) {
        this.before = before;
        this.generation = generation;
        this.now = now;
    }

    void set(String type, Condition.Status status, Reason reason, String message) {
        String since = find(before, type)
                .filter(condition -> condition.status() == status)
                .map(Condition::lastTransitionTime)
                .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString());
        String cut = message.length() <= MESSAGE_MAX ? message : message.substring(0, MESSAGE_MAX - 1) + "…";
        conditions.add(new Condition(type, status, generation, since, reason.name(), cut));
    }

    List<Condition> made() {
        return List.copyOf(conditions);
    }

    static Optional<Condition> find(List<Condition> conditions, String type) {
        return conditions.stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst();
    }
}
