package dev.veneer.node.loop;

import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.FireTimes;
import dev.veneer.node.model.RewriteSettings;
import dev.veneer.node.model.Schedule;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.Unchanged;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import org.jspecify.annotations.Nullable;
import org.quartz.CronExpression;

/** Where the schedules that slivers name stand; read by Quartz. What does not change is worked out once. */
public final class Schedules {
    /** What was missed for longer is not made up for. */
    private static final Duration WINDOW = Duration.ofHours(1);

    /**
     * What is known of a schedule.
     *
     * @param times where it stood at {@code at}, and stands until the next of them
     */
    private record Known(CronExpression expression, FireTimes times, Instant at) {}

    private final Map<Schedule, Known> known = new HashMap<>();
    private Map<SliverId, DesiredSliver> seen = Map.of();
    private Set<Schedule> named = Set.of();

    /** What is wrong with a cron expression and what would be right; null when nothing is. */
    public static @Nullable String wrong(String expression) {
        try {
            CronExpression cron = new CronExpression(expression);
            // Also so that no pass ever looks in vain through all years to come.
            return cron.getNextValidTimeAfter(Date.from(Instant.EPOCH)) == null
                    ? "that time never comes; 0 30 3 * * ? is every night at half past three"
                    : null;
        } catch (ParseException | RuntimeException e) {
            // Quartz's parser takes some malformed texts for numbers or runs past their end.
            return e.getMessage()
                    + "; a Quartz cron expression has second, minute, hour, day, month and day of the week,"
                    + " one of the days a ?, such as 0 30 3 * * ?";
        }
    }

    /** All that are named, at a time. */
    Map<Schedule, FireTimes> at(DesiredState desired, Instant now) {
        if (!Unchanged.isSame(seen, desired.slivers())) {
            seen = desired.slivers();
            named = named(seen.values());
            known.keySet().retainAll(named);
        }
        Map<Schedule, FireTimes> times = new HashMap<>();
        named.forEach(schedule -> times.put(schedule, of(schedule, now)));
        return times;
    }

    private static Set<Schedule> named(Collection<DesiredSliver> slivers) {
        Set<Schedule> named = new HashSet<>();
        for (DesiredSliver sliver : slivers) {
            RewriteSettings rewriting = sliver.rewriting();
            if (rewriting.compaction() != null) {
                named.add(rewriting.compaction().schedule());
            }
            if (rewriting.snapshots() != null) {
                named.add(rewriting.snapshots().schedule());
            }
        }
        return named;
    }

    private FireTimes of(Schedule schedule, Instant now) {
        Known before = known.get(schedule);
        if (before != null && isStill(before, now)) {
            return before.times();
        }
        CronExpression expression = before == null ? parse(schedule) : before.expression();
        Instant last = null;
        Instant next = after(expression, now.minus(WINDOW));
        while (next != null && !next.isAfter(now)) {
            last = next;
            next = after(expression, next);
        }
        FireTimes times = new FireTimes(last, next);
        known.put(schedule, new Known(expression, times, now));
        return times;
    }

    /** Whether the schedule stands where it stood: none of its times has come since, and none is too long ago now. */
    private static boolean isStill(Known before, Instant now) {
        Instant last = before.times().last();
        Instant next = before.times().next();
        return !now.isBefore(before.at())
                && (next == null || now.isBefore(next))
                && (last == null || last.isAfter(now.minus(WINDOW)));
    }

    private static @Nullable Instant after(CronExpression expression, Instant time) {
        Date next = expression.getNextValidTimeAfter(Date.from(time));
        return next == null ? null : next.toInstant();
    }

    private static CronExpression parse(Schedule schedule) {
        try {
            CronExpression expression = new CronExpression(schedule.cron());
            expression.setTimeZone(TimeZone.getTimeZone(schedule.timeZone()));
            return expression;
        } catch (ParseException e) {
            throw new IllegalStateException("validation let a cron expression through: " + schedule.cron(), e);
        }
    }
}
