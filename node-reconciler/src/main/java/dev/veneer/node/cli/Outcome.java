package dev.veneer.node.cli;

import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;

/** How a command ended: its exit status, which scripts rely on. */
public enum Outcome {
    /** Everything is as declared. */
    DONE(0),
    /** Some objects failed; the others were done. */
    SOME_FAILED(1),
    /** There is something to do ({@code plan --exit-code} only). */
    CHANGES_PENDING(2),
    /** Something is held until a person answers: a source that shrank, another source's object. */
    HELD(3),
    /** Something is waited for: in use, no space, a store that returns errors. */
    WAITING(4),
    /** The command line is wrong (EX_USAGE). */
    USAGE(64),
    /** Another command holds the store's lock (EX_TEMPFAIL). */
    LOCKED(75);

    private final int status;

    Outcome(int status) {
        this.status = status;
    }

    /** The process's exit status. */
    public int status() {
        return status;
    }

    /** What a failure of the whole command ends with. */
    static Outcome of(NodeException failure) {
        return switch (failure.reason()) {
            case SourceHeld, OtherSource -> HELD;
            default -> failure.follow() == Follow.WAIT ? WAITING : SOME_FAILED;
        };
    }
}
