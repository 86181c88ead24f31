package dev.veneer.node.cli;

import dev.veneer.node.model.WorkProgress;

/** What a long command tells while it works. Methods may be called from any thread. */
public interface Progress {
    /**
     * A stretch of work begins; the one before it, if any, is over.
     *
     * @param what in the present tense, as in {@code importing debian-12}
     * @param total how many units there are, 0 when that is not known
     * @param unit what is counted
     */
    void begin(String what, long total, Unit unit);

    /** How many units are done by now. Cheap: most calls draw nothing. */
    void reached(long done);

    /**
     * How far one thing is that takes long; with nothing to be begun before. Cheap: most calls draw nothing.
     *
     * @param what in the present tense, as in {@code importing debian-12}
     */
    void working(String what, WorkProgress reached);

    /** The stretch of work is over; nothing of it stays on a terminal. */
    void end();

    /** A line that stays. */
    void say(String line);

    /** What is counted. */
    enum Unit {
        THINGS,
        BYTES
    }
}
