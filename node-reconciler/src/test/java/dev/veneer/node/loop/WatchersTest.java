package dev.veneer.node.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

// Watchers work by being open; nothing is asked of them.
@SuppressWarnings("try")
class WatchersTest {
    private final LinuxCalls calls = new JnrLinuxCalls();
    private final Semaphore told = new Semaphore(0);

    @TempDir
    Path temporary;

    private FileWatcher watch(Path... paths) throws Exception {
        return new FileWatcher(calls, Stream.of(paths).map(Path::toString).toList(), told::release);
    }

    private void assertTold(String what) throws Exception {
        assertTrue(told.tryAcquire(10, TimeUnit.SECONDS), what);
        settle();
    }

    private void assertSilent(String what) throws Exception {
        assertFalse(told.tryAcquire(300, TimeUnit.MILLISECONDS), what);
    }

    /** Until the events that belong to one change have all come. */
    private void settle() throws Exception {
        while (told.tryAcquire(100, TimeUnit.MILLISECONDS)) {
            told.drainPermits();
        }
    }

    @Test
    void treesWithTheirNewDirectories() throws Exception {
        Path sub = Files.createDirectories(temporary.resolve("tree/sub"));
        try (FileWatcher watcher = watch(temporary.resolve("tree"))) {
            assertSilent("nothing happened");
            Files.writeString(sub.resolve("a.yaml"), "x");
            assertTold("a file below");
            Path fresh = Files.createDirectory(temporary.resolve("tree/fresh"));
            assertTold("a directory");
            Files.writeString(fresh.resolve("b.yaml"), "x");
            assertTold("a file in the directory that came");
            Files.delete(fresh.resolve("b.yaml"));
            assertTold("a file removed");
            Files.move(sub, temporary.resolve("tree/moved"));
            assertTold("a directory renamed");
            Files.writeString(temporary.resolve("tree/moved/a.yaml"), "y");
            assertTold("a file in the renamed one");
            Files.writeString(temporary.resolve("beside"), "x");
            assertSilent("a file beside the tree");
        }
    }

    @Test
    void filesReplacedByRenameAndLinksPointedElsewhere() throws Exception {
        Path file = Files.writeString(temporary.resolve("a.yaml"), "x");
        Path one = Files.createDirectory(temporary.resolve("one"));
        Path two = Files.createDirectory(temporary.resolve("two"));
        Path link = Files.createSymbolicLink(temporary.resolve("link"), one);
        try (FileWatcher watcher = watch(file, link)) {
            Files.writeString(temporary.resolve("other"), "x");
            assertSilent("another name in the directory");
            Files.move(temporary.resolve("other"), file, StandardCopyOption.REPLACE_EXISTING);
            assertTold("replaced by a rename");
            Files.writeString(file, "y");
            assertTold("the new file changed in place");
            Files.writeString(one.resolve("c.yaml"), "x");
            assertTold("through the link");
            Files.createSymbolicLink(temporary.resolve("link2"), two);
            Files.move(temporary.resolve("link2"), link, StandardCopyOption.REPLACE_EXISTING);
            assertTold("the link points elsewhere");
            Files.writeString(two.resolve("d.yaml"), "x");
            assertTold("through the new link");
        }
    }

    @Test
    void pathsThatDoNotExistYetAndTreesThatVanish() throws Exception {
        Path late = temporary.resolve("not/yet/there");
        try (FileWatcher watcher = watch(late)) {
            Files.createDirectories(late);
            assertTold("it came");
            Files.writeString(late.resolve("a.yaml"), "x");
            assertTold("a file in it");
            Files.delete(late.resolve("a.yaml"));
            Files.delete(late);
            assertTold("it went");
            Files.createDirectory(late);
            assertTold("it came again");
        }
    }

    @Test
    void survivesFailuresAndTellsWhatItMayHaveMissed() throws Exception {
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(calls).counting("inotifyInit", "read");
        Path tree = Files.createDirectory(temporary.resolve("tree"));
        try (FileWatcher watcher = new FileWatcher(faulty.calls(), List.of(tree.toString()), told::release)) {
            faulty.reset();
            faulty.failAt(1, Errno.EIO);
            Files.writeString(tree.resolve("a.yaml"), "x");
            assertTrue(told.tryAcquire(15, TimeUnit.SECONDS), "told after the retry");
            Files.writeString(tree.resolve("b.yaml"), "x");
            assertTold("works again");
        }
    }

    @Test
    void sleepsAndEndsAtOnceWithoutLeavingDescriptors() throws Exception {
        int before = descriptors();
        FaultyLinuxCalls counting = new FaultyLinuxCalls(calls);
        FileWatcher files = new FileWatcher(counting.calls(), List.of(temporary.toString()), told::release);
        MountTableWatcher mounts = new MountTableWatcher(counting.calls(), told::release);
        Thread.sleep(200);
        long asleep = counting.counted();
        Thread.sleep(300);
        assertEquals(asleep, counting.counted(), "no call without a change");
        long begin = System.nanoTime();
        files.close();
        mounts.close();
        assertTrue(System.nanoTime() - begin < 5_000_000_000L);
        assertEquals(before, descriptors());
    }

    private static int descriptors() {
        File[] open = new File("/proc/self/fd").listFiles();
        return open == null ? 0 : open.length;
    }
}
