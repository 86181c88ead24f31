package dev.veneer.node.app;

import dev.veneer.node.desired.DesiredStateSource;
import dev.veneer.node.desired.Reading;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A source that is read for the first time by a thread of its own, while the store is opened and the node is looked at:
 * what is declared does not depend on what is there, and at a process's start both take long. For one thread at a time, as
 * any source.
 */
final class EarlySource implements DesiredStateSource {
    private final DesiredStateSource source;
    private final CompletableFuture<Reading> first;
    private boolean used;

    /** Begins to read. */
    EarlySource(DesiredStateSource source) {
        this.source = source;
        this.first = CompletableFuture.supplyAsync(source::read, EarlySource::start);
    }

    private static void start(Runnable reading) {
        Thread thread = new Thread(reading, "first reading");
        // When the store cannot be opened, nobody waits for what is declared.
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void watching() {
        used = true;
    }

    @Override
    public Reading read() {
        Reading early = early();
        if (used || early == null) {
            used = true;
            return source.read();
        }
        used = true;
        return early;
    }

    @Override
    public String id() {
        return source.id();
    }

    @Override
    public String identity() {
        return source.identity();
    }

    @Override
    public void forget() {
        early();
        source.forget();
    }

    /** What the thread has read, once it has; null when it failed, which whoever reads again will see for himself. */
    private @Nullable Reading early() {
        try {
            return first.join();
        } catch (CompletionException e) {
            return null;
        }
    }
}
