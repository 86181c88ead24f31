package dev.veneer.node.linux;

/** An open descriptor that is closed once, with try-with-resources. Not for use by several threads at once. */
public final class Fd implements AutoCloseable {
    private final LinuxCalls calls;
    private int number;

    /** Takes ownership of a descriptor. */
    public Fd(LinuxCalls calls, int number) {
        this.calls = calls;
        this.number = number;
    }

    /** The descriptor's number, to hand to {@link LinuxCalls}; valid until closed. */
    public int number() {
        if (number < 0) {
            throw new IllegalStateException("descriptor is closed");
        }
        return number;
    }

    /** Gives up ownership: the caller closes it now. */
    public int release() {
        int released = number();
        number = -1;
        return released;
    }

    @Override
    public void close() {
        if (number >= 0) {
            calls.close(number);
            number = -1;
        }
    }
}
