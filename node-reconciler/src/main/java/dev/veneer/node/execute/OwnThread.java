package dev.veneer.node.execute;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.ThreadEnd;
import org.jspecify.annotations.Nullable;

/**
 * Runs work that changes what belongs to a thread (credentials, namespaces) on a thread that ends with it, so that the
 * change can neither leak nor fail to be taken back.
 */
final class OwnThread {
    /** The work. */
    interface Work<T> {
        T run() throws LinuxException, NodeException;
    }

    private OwnThread() {}

    /** Runs it and waits; what it throws is thrown here. */
    static <T extends @Nullable Object> T run(String name, Work<T> work) throws LinuxException, NodeException {
        Outcome<T> outcome = new Outcome<>(work);
        Thread thread = new Thread(outcome, name);
        thread.start();
        // The work consists of a few system calls; leaving it alone half-done would lose descriptors.
        ThreadEnd.await(thread);
        return outcome.get();
    }

    private static final class Outcome<T extends @Nullable Object> implements Runnable {
        private final Work<T> work;
        private @Nullable T result;
        private @Nullable Throwable failure;

        Outcome(Work<T> work) {
            this.work = work;
        }

        @Override
        public void run() {
            try {
                result = work.run();
            } catch (LinuxException | NodeException | RuntimeException | Error e) {
                failure = e;
            }
        }

        // The result is null only where T allows null.
        @SuppressWarnings("NullAway")
        T get() throws LinuxException, NodeException {
            if (failure instanceof LinuxException) {
                throw (LinuxException) failure;
            }
            if (failure instanceof NodeException) {
                throw (NodeException) failure;
            }
            if (failure instanceof RuntimeException) {
                throw (RuntimeException) failure;
            }
            if (failure instanceof Error) {
                throw (Error) failure;
            }
            return result;
        }
    }
}
