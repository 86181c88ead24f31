package dev.veneer.node.runtime;

import dev.veneer.node.linux.Capabilities;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.IdRange;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Acts on a file system view whose ids are mapped, as the root of that view. The host's own root has no id there and
 * gets {@code EOVERFLOW} for everything that it would make; a thread with the file system ids of the mapped root, and
 * its capabilities raised again, can. The thread lives for one piece of work, so its ids cannot leak.
 */
final class MappedThread {
    /** A piece of work. */
    interface Work {
        void run() throws LinuxException;
    }

    private MappedThread() {}

    /**
     * Runs the work and waits for it.
     *
     * @param range whose root to be, or null to stay the host's root (then on the calling thread)
     */
    static void run(LinuxCalls calls, @Nullable IdRange range, Work work) throws LinuxException {
        if (range == null) {
            work.run();
            return;
        }
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        Capabilities all = calls.capget();
                        calls.setfsgid(range.first());
                        calls.setfsuid(range.first());
                        calls.capset(all);
                        work.run();
                        done.complete(null);
                    } catch (LinuxException | RuntimeException | Error e) {
                        done.completeExceptionally(e);
                    }
                },
                "root of " + range);
        thread.start();
        try {
            done.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LinuxException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + thread.getName() + " worked", e);
        }
    }
}
