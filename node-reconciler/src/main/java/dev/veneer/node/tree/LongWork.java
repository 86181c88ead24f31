package dev.veneer.node.tree;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.failure.StopRequested;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.WorkProgress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Work on trees that takes long: how far it is, which any thread may ask, and whether it is to end.
 *
 * <p>It is one thread's, from {@link #during} on, so that all that walks, reads and writes on that thread counts here
 * without being handed it; counting is a store to memory. Reading ends by {@link StopRequested} soon after a stop was
 * asked for. What is being written is finished: it ends by itself, and what it came to would be lost.
 */
public final class LongWork {
    /** What is being done, in the words of progress. */
    public enum Stage {
        READING,
        WRITING,
        CHECKING
    }

    /** The counts of one stretch, by its stage. */
    private record Stretch(Stage stage, long files, long bytes, long began) {}

    private static final ThreadLocal<@Nullable LongWork> OF_THREAD = new ThreadLocal<>();

    /** That nobody asks about. */
    private static final LongWork UNWATCHED = new LongWork(() -> false);

    /** So many paths are looked at between two questions whether to end; a few milliseconds at most. */
    private static final int BETWEEN = 64;

    private final BooleanSupplier stop;
    private final long began = System.nanoTime();
    private final AtomicLong files = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private volatile Stretch stretch = new Stretch(Stage.READING, 0, 0, began);

    /**
     * Work that has not begun.
     *
     * @param stop whether it is to end; asked often, by the thread that works
     */
    public LongWork(BooleanSupplier stop) {
        this.stop = stop;
    }

    /** What is done. */
    @FunctionalInterface
    public interface Body<T> {
        T run() throws LinuxException, NodeException;
    }

    /**
     * Does something on this thread as part of this work.
     *
     * @throws StopRequested when it was told to end while it only read
     */
    public <T> T during(Body<T> body) throws LinuxException, NodeException {
        LongWork before = OF_THREAD.get();
        OF_THREAD.set(this);
        try {
            return body.run();
        } finally {
            if (before == null) {
                OF_THREAD.remove();
            } else {
                OF_THREAD.set(before);
            }
        }
    }

    /** The work that this thread does now. To be asked once by what counts often. */
    public static LongWork current() {
        LongWork work = OF_THREAD.get();
        return work == null ? UNWATCHED : work;
    }

    /**
     * The next stretch begins, at nothing.
     *
     * @param totalFiles how many paths it goes through, or 0 when that is not known
     * @param totalBytes how many bytes, or 0
     */
    public void begin(Stage stage, long totalFiles, long totalBytes) {
        if (this == UNWATCHED) {
            return;
        }
        ask();
        files.set(0);
        bytes.set(0);
        stretch = new Stretch(stage, totalFiles, totalBytes, System.nanoTime());
    }

    /** One more path. */
    void path() {
        if (this == UNWATCHED) {
            return;
        }
        long now = files.get() + 1;
        files.lazySet(now);
        if (now % BETWEEN == 0) {
            ask();
        }
    }

    /** One more path, of what does not walk. */
    public static void passed() {
        current().path();
    }

    /** So many more bytes. */
    void bytes(long count) {
        if (this == UNWATCHED) {
            return;
        }
        bytes.lazySet(bytes.get() + count);
        ask();
    }

    private void ask() {
        if (stretch.stage() != Stage.WRITING && stop.getAsBoolean()) {
            throw new StopRequested();
        }
    }

    /** What is being done. */
    public Stage stage() {
        return stretch.stage();
    }

    /** How far the stretch at hand is; by any thread. */
    public WorkProgress reached() {
        Stretch now = stretch;
        return new WorkProgress(
                files.get(), now.files(), bytes.get(), now.bytes(), Duration.ofNanos(System.nanoTime() - now.began()));
    }

    /** Time since all of it began. */
    public Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - began);
    }
}
