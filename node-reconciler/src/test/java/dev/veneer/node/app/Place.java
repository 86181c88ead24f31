package dev.veneer.node.app;

import dev.veneer.node.testkit.FaultyLinuxCalls;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Where a call comes from. A pass looks at thousands of things by the same few lines (who else uses a store is asked of
 * every process): those calls are one place. What changes something is told apart by its number alone.
 */
final class Place {
    /** How many callers tell a place from others. */
    private static final int CALLERS = 2;

    /** Those that stand between the code that is tested and the kernel. */
    private static final List<String> BETWEEN = List.of(
            FaultyLinuxCalls.class.getName(), Place.class.getName(), Fault.class.getName(), Campaign.class.getName());

    private static final StackWalker WALKER = StackWalker.getInstance();

    private Place() {}

    static String of(FaultyLinuxCalls.Call call) {
        if (FaultyLinuxCalls.CHANGING.test(call)) {
            return call.name();
        }
        return WALKER.walk(frames -> frames.filter(Place::isOurs)
                .limit(CALLERS)
                .map(frame -> " " + simpleName(frame) + ":" + frame.getLineNumber())
                .collect(Collectors.joining("", call.name(), "")));
    }

    private static String simpleName(StackWalker.StackFrame frame) {
        String name = frame.getClassName();
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private static boolean isOurs(StackWalker.StackFrame frame) {
        String name = frame.getClassName();
        return name.startsWith("dev.veneer.") && BETWEEN.stream().noneMatch(name::startsWith);
    }

    /** The name of the call. */
    static String kind(String place) {
        int end = place.indexOf(' ');
        return end < 0 ? place : place.substring(0, end);
    }

    static boolean isOfLooking(String place) {
        return place.indexOf(' ') > 0;
    }
}
