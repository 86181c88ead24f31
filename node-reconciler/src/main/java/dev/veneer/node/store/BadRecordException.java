package dev.veneer.node.store;

/** A file of the store does not hold what it should; the message says what is wrong with it, without its name. */
final class BadRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    BadRecordException(String message) {
        super(message);
    }
}
