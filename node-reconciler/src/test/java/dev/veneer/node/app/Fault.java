package dev.veneer.node.app;

import dev.veneer.node.linux.Errno;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * One thing that goes wrong in a pass: the call of that number at that place fails, or, with errno 0, it and all calls after
 * it are refused.
 *
 * @param place what {@link Place#of} tells
 */
record Fault(String place, int number, int errno) {
    private static final int[] ERRNOS = {Errno.ENOSPC, Errno.EIO, Errno.EROFS, Errno.EBUSY, Errno.EMFILE};

    /**
     * Each of these calls fails once, and each kind of call once with each errno, in an order that is always the same.
     *
     * @param places of the calls in their order
     */
    static List<Fault> errnos(List<String> places) {
        List<Fault> faults = new ArrayList<>();
        Map<String, Integer> ofKind = new TreeMap<>();
        Map<String, List<String>> kinds = new TreeMap<>();
        count(places).forEach((place, count) -> {
            String kind = Place.kind(place);
            for (int number = 1; number <= count; number++) {
                int before = ofKind.merge(kind, 1, Integer::sum) - 1;
                faults.add(new Fault(place, number, ERRNOS[before % ERRNOS.length]));
            }
            kinds.computeIfAbsent(kind, unused -> new ArrayList<>()).add(place);
        });
        ofKind.forEach((kind, count) -> {
            List<String> all = kinds.get(kind);
            for (int i = count; i < ERRNOS.length; i++) {
                faults.add(new Fault(all.get(i % all.size()), 1, ERRNOS[i]));
            }
        });
        return faults;
    }

    /** A cut at each of these calls. */
    static List<Fault> cuts(List<String> places) {
        List<Fault> faults = new ArrayList<>();
        count(places).forEach((place, count) -> {
            for (int number = 1; number <= count; number++) {
                faults.add(new Fault(place, number, 0));
            }
        });
        return faults;
    }

    /** How often a fault is made at each place: at each call that changes something, at the first that only looks. */
    private static Map<String, Integer> count(List<String> places) {
        Map<String, Integer> counts = new TreeMap<>();
        places.forEach(place -> counts.merge(place, 1, (one, more) -> Place.isOfLooking(place) ? 1 : one + more));
        return counts;
    }

    boolean isCut() {
        return errno == 0;
    }

    /** Calls at which it happens, of those that take part at all. */
    FaultyLinuxCalls calls(Predicate<FaultyLinuxCalls.Call> which) {
        String kind = Place.kind(place);
        AtomicInteger left = new AtomicInteger(number);
        // What comes after the fault need not be told apart any more, which is slow.
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(Site.REAL)
                .counting(call -> call.name().equals(kind)
                        && left.get() > 0
                        && which.test(call)
                        && Place.of(call).equals(place)
                        && left.getAndDecrement() > 0);
        if (isCut()) {
            faulty.cutAt(number);
        } else {
            faulty.failAt(number, errno);
        }
        return faulty;
    }

    @Override
    public String toString() {
        return place + " number " + number + (isCut() ? ", cut" : " with " + Errno.describe(errno));
    }
}
