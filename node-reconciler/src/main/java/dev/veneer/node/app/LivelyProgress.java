package dev.veneer.node.app;

import dev.veneer.node.cli.Progress;
import dev.veneer.node.model.WorkProgress;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Progress of what the agent does: a sign of life for its watchdog, whoever else is told. */
final class LivelyProgress implements Progress {
    private final @Nullable Progress told;
    private final Runnable alive;
    private final AtomicLong before = new AtomicLong();

    /**
     * Of work that somebody waits for, or nobody.
     *
     * @param told who is told, or null
     * @param alive what is run when something got on
     */
    LivelyProgress(@Nullable Progress told, Runnable alive) {
        this.told = told;
        this.alive = alive;
    }

    @Override
    public void begin(String what, long total, Unit unit) {
        alive.run();
        if (told != null) {
            told.begin(what, total, unit);
        }
    }

    @Override
    public void reached(long done) {
        alive.run();
        if (told != null) {
            told.reached(done);
        }
    }

    /** Work that stands still is no sign of life. */
    @Override
    public void working(String what, WorkProgress reached) {
        long now = 31 * reached.files() + reached.bytes();
        if (before.getAndSet(now) != now) {
            alive.run();
        }
        if (told != null) {
            told.working(what, reached);
        }
    }

    @Override
    public void end() {
        if (told != null) {
            told.end();
        }
    }

    @Override
    public void say(String line) {
        if (told != null) {
            told.say(line);
        }
    }
}
