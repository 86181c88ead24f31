package dev.veneer.node.execute;

import dev.veneer.node.linux.ThreadEnd;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Does one thing for each of many items with some threads, which live only as long. Items are taken one after the other,
 * so a slow one does not hold up those behind it. What is done for an item must not throw.
 */
public final class Workers {
    private Workers() {}

    /**
     * Does it, and returns when it is done for all.
     *
     * @param parallel how many threads at most, the caller's among them
     * @param name what the others are called
     */
    public static <T> void forEach(List<T> items, int parallel, String name, Consumer<T> work) {
        int threads = Math.min(parallel, items.size());
        if (threads <= 1) {
            items.forEach(work);
            return;
        }
        AtomicInteger next = new AtomicInteger();
        Runnable loop = () -> {
            for (int i = next.getAndIncrement(); i < items.size(); i = next.getAndIncrement()) {
                work.accept(items.get(i));
            }
        };
        List<Thread> others = new ArrayList<>();
        for (int i = 1; i < threads; i++) {
            Thread thread = new Thread(loop, name + "-" + i);
            thread.start();
            others.add(thread);
        }
        try {
            loop.run();
        } finally {
            // Also when this thread's own work ends by an error: the others must not go on behind the caller's back.
            ThreadEnd.await(others);
        }
    }
}
