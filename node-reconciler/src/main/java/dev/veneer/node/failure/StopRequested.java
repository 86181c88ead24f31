package dev.veneer.node.failure;

/**
 * Reading that was given up because the process was told to end. Unchecked, since it is nobody's failure and nothing on
 * the way up mends it: what was begun is given back like after any other end, and whoever began says that it was stopped.
 */
public final class StopRequested extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StopRequested() {
        super("told to stop", null, false, false);
    }
}
