package dev.veneer.controller.reconcile;

import dev.veneer.controller.decide.Heartbeat;
import dev.veneer.controller.decide.LostMark;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Which objects were said to be of lost nodes, by uid, so that it is not said again too soon. Thread-safe. */
final class Marks {
    private final Map<String, LostMark> marks = new ConcurrentHashMap<>();
    private final Duration least;

    Marks(Duration least) {
        this.least = least;
    }

    /** How long it has to wait. */
    Duration wait(String uid, Heartbeat heartbeat) {
        return LostMark.wait(marks.get(uid), heartbeat, least, System.nanoTime());
    }

    /** It was said. */
    LostMark made(String uid, Heartbeat heartbeat) {
        long now = System.nanoTime();
        LostMark made = LostMark.after(marks.get(uid), heartbeat, now);
        marks.put(uid, made);
        return made;
    }

    /** An object is gone. */
    void forget(String uid) {
        marks.remove(uid);
    }
}
