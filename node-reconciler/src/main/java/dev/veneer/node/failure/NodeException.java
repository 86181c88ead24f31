package dev.veneer.node.failure;

import dev.veneer.api.Reason;

/**
 * A failure on the node that carries the decision: the reason that will stand in the object's conditions, and what
 * follows from it. Its message says what went wrong, where, and what a person can do.
 */
public class NodeException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final Follow follow;

    public NodeException(Reason reason, Follow follow, String message) {
        super(message);
        this.reason = reason;
        this.follow = follow;
    }

    public NodeException(Reason reason, Follow follow, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.follow = follow;
    }

    /** The reason, as it will stand in a condition. */
    public Reason reason() {
        return reason;
    }

    /** What the loop does about it. */
    public Follow follow() {
        return follow;
    }
}
