package dev.veneer.node.linux;

import java.io.IOException;

/** A system call that failed: which one, on what, and with which errno. */
public final class LinuxException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;
    private final String call;

    /**
     * @param call the system call's name, as {@code man 2} has it
     * @param errno the error number, always positive
     * @param subject what it was about, for people: usually the path; may be empty
     */
    public LinuxException(String call, int errno, String subject) {
        super(call + (subject.isEmpty() ? "" : " " + subject) + ": " + Errno.describe(errno));
        this.call = call;
        this.errno = errno;
    }

    /** The error number, to compare with the constants of {@link Errno}. */
    public int errno() {
        return errno;
    }

    /** The system call's name. */
    public String call() {
        return call;
    }

    /** Whether the error number is one of these. */
    public boolean is(int... errnos) {
        for (int candidate : errnos) {
            if (candidate == errno) {
                return true;
            }
        }
        return false;
    }
}
