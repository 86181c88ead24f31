package dev.veneer.node.model;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * When a container that ended by itself is started again: pure, from the times of its starts.
 *
 * <p>The distance between two starts doubles from {@link #FIRST} to {@link #LONGEST}. Starts are counted and not exits,
 * because an exit may happen while nobody looks: a container that ran longer than the distance is started at once, one
 * that ran {@link #SETTLED} has its history forgotten.
 */
public final class RestartBackoff {
    /** Least time between the first two starts. */
    public static final Duration FIRST = Duration.ofSeconds(1);
    /** Least time between starts of one that keeps ending. */
    public static final Duration LONGEST = Duration.ofMinutes(5);
    /** One that ran so long is taken as healthy. */
    public static final Duration SETTLED = Duration.ofMinutes(10);
    /** How many starts are worth remembering: the distance does not grow beyond this count. */
    public static final int REMEMBERED = 16;

    private RestartBackoff() {}

    /**
     * The earliest time of the next start; never later than {@link #LONGEST} from now, also when the clock was set back
     * since the last start.
     *
     * @param starts earlier starts, oldest first
     */
    public static Instant next(List<Instant> starts, Instant now) {
        if (starts.isEmpty()) {
            return now;
        }
        Instant last = starts.get(starts.size() - 1);
        Instant due = last.plus(distance(quickStarts(starts)));
        if (!due.isAfter(now)) {
            return now;
        }
        Instant latest = now.plus(LONGEST);
        return due.isAfter(latest) ? latest : due;
    }

    /** The starts to remember when one more is made: without those before a run that settled, and bounded. */
    public static List<Instant> remember(List<Instant> starts, Instant now) {
        Instant last = starts.isEmpty() ? now : starts.get(starts.size() - 1);
        boolean settled = !starts.isEmpty() && Duration.between(last, now).compareTo(SETTLED) >= 0;
        List<Instant> kept = settled ? List.of() : starts;
        int from = Math.max(0, kept.size() - (REMEMBERED - 1));
        List<Instant> result = new ArrayList<>(kept.subList(from, kept.size()));
        result.add(now);
        return List.copyOf(result);
    }

    private static int quickStarts(List<Instant> starts) {
        int count = 1;
        for (int i = starts.size() - 1; i > 0; i--) {
            if (Duration.between(starts.get(i - 1), starts.get(i)).compareTo(SETTLED) >= 0) {
                break;
            }
            count++;
        }
        return count;
    }

    private static Duration distance(int count) {
        int doublings = Math.min(count - 1, REMEMBERED);
        Duration distance = FIRST.multipliedBy(1L << doublings);
        return distance.compareTo(LONGEST) > 0 ? LONGEST : distance;
    }
}
