package dev.veneer.node.store;

/** Another process is the store's writer just now. Commands end with exit status 75. */
public final class StoreLockedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String holder;

    StoreLockedException(String root, String holder) {
        super("the store " + root + " is locked by " + holder
                + "; wait until it has finished, or let the running agent do it");
        this.holder = holder;
    }

    /** Who holds it, for people: process id, command and since when, as far as it is known. */
    public String holder() {
        return holder;
    }
}
