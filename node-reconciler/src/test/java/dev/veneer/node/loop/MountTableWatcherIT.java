package dev.veneer.node.loop;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.testkit.Commands;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

// Watchers work by being open; nothing is asked of them.
@SuppressWarnings("try")
class MountTableWatcherIT {
    @TempDir
    Path temporary;

    @Test
    void tellsOfMountsAndUnmountsWithinASecond() throws Exception {
        Semaphore told = new Semaphore(0);
        try (MountTableWatcher watcher = new MountTableWatcher(new JnrLinuxCalls(), told::release)) {
            String target = temporary.toString();
            Commands.run("mount", "-t", "tmpfs", "none", target);
            try {
                assertTrue(told.tryAcquire(1, TimeUnit.SECONDS), "mounted");
                Thread.sleep(100);
                told.drainPermits();
            } finally {
                Commands.run("umount", target);
            }
            assertTrue(told.tryAcquire(1, TimeUnit.SECONDS), "unmounted");
        }
    }
}
