package dev.veneer.node.cli;

/** Ends a command with an outcome and a message for the person who gave it. */
public final class CommandException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Outcome outcome;

    /**
     * @param outcome what the process exits with
     * @param message what went wrong, where, and what to do; without the program's name
     */
    public CommandException(Outcome outcome, String message) {
        super(message);
        this.outcome = outcome;
    }

    Outcome outcome() {
        return outcome;
    }
}
