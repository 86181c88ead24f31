package dev.veneer.node.app;

import dev.veneer.node.testkit.FaultyLinuxCalls;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where a call comes from. A pass looks at thousands of things by the same few lines (who else uses a store is asked of
 * every process): those calls are one place. What changes something is told apart by its number alone.
 */
final class Place {
    /** How many callers tell a place from others. */
    private static final int CALLERS = 2;

    private static final Set<String> TESTS = Set.of("FaultyLinuxCalls", "Place", "Fault", "Campaign");
    private static final StackWalker WALKER = StackWalker.getInstance();

    private Place() {}

    static String of(FaultyLinuxCalls.Call call) {
        if (FaultyLinuxCalls.CHANGING.test(call)) {
            return call.name();
        }
        List<String> callers = WALKER.walk(frames -> frames.filter(Place::isOurs)
                .limit(CALLERS)
                .map(frame -> frame.getClassName().replaceAll(".*[.]", "") + ":" + frame.getLineNumber())
                .collect(Collectors.toList()));
        return call.name() + " " + String.join(" ", callers);
    }

    private static boolean isOurs(StackWalker.StackFrame frame) {
        String name = frame.getClassName();
        return name.startsWith("dev.veneer.")
                && !TESTS.contains(name.replaceAll(".*[.]", "").replaceAll("[$].*", ""));
    }

    /** The name of the call. */
    static String kind(String place) {
        return place.replaceAll(" .*", "");
    }

    static boolean isOfLooking(String place) {
        return place.indexOf(' ') > 0;
    }
}
