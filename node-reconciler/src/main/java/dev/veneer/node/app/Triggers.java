package dev.veneer.node.app;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.loop.ReconcileLoop;
import dev.veneer.node.loop.Ticker;
import dev.veneer.node.model.DesiredStore;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What wakes the agent's loop. */
final class Triggers implements AutoCloseable {
    private final Ticker ticker;

    private Triggers(Ticker ticker) {
        this.ticker = ticker;
    }

    /**
     * Starts them.
     *
     * @param resync how often to look at everything although nothing happened, or null for the default
     */
    static Triggers start(@Nullable Duration resync, ReconcileLoop loop) throws NodeException {
        Duration every = resync == null ? DesiredStore.defaults("").resync() : resync;
        Ticker ticker = new Ticker();
        ticker.every("resync", every, every, () -> loop.wake("tick"));
        return new Triggers(ticker);
    }

    @Override
    public void close() {
        ticker.close();
    }
}
