package dev.veneer.node.testkit;

/**
 * Thrown by {@link FaultyLinuxCalls} from the cut on, in every thread. An error and not a {@code LinuxException}, so that
 * no error handling of the code under test takes it for a failed call: a killed process handles nothing either.
 */
public final class CutOff extends Error {
    private static final long serialVersionUID = 1L;

    CutOff(String call, long number) {
        super("cut at call " + number + ", " + call);
    }
}
