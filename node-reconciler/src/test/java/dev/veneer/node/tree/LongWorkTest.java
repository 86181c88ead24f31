package dev.veneer.node.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.failure.StopRequested;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What walks and reads counts, and ends soon after it is told to; what writes is finished. */
class LongWorkTest {
    private static final LinuxCalls REAL = new JnrLinuxCalls();

    @TempDir
    Path directory;

    private final AtomicBoolean stop = new AtomicBoolean();
    private final LongWork work = new LongWork(stop::get);

    private Fd open(LinuxCalls calls) throws Exception {
        return new Fd(calls, new SafeOpen(calls).ownDirectory(directory.toString()));
    }

    private void makeFiles(int number) throws Exception {
        for (int i = 0; i < number; i++) {
            Files.createFile(directory.resolve("file" + i));
        }
    }

    @Test
    void aWalkCountsItsPaths() throws Exception {
        makeFiles(10);
        Files.createDirectory(directory.resolve("d"));
        try (Fd root = open(REAL)) {
            work.during(() -> {
                new TreeWalker(REAL, TreeLimits.DEFAULT).walk(root.number(), entry -> true);
                return true;
            });
        }
        assertEquals(11, work.reached().files());
        assertEquals(LongWork.Stage.READING, work.stage());
        LongWork.passed();
        assertEquals(11, work.reached().files(), "nothing of it stays on the thread");
    }

    @Test
    void aWalkEndsInTheMiddle() throws Exception {
        makeFiles(500);
        AtomicLong visited = new AtomicLong();
        FaultyLinuxCalls watched = new FaultyLinuxCalls(REAL);
        try (Fd root = open(watched.calls())) {
            Map<Integer, String> before = watched.open();
            assertThrows(
                    StopRequested.class,
                    () -> work.during(() -> {
                        new TreeWalker(watched.calls(), TreeLimits.DEFAULT).walk(root.number(), entry -> {
                            stop.set(visited.incrementAndGet() >= 100);
                            return true;
                        });
                        return true;
                    }));
            assertEquals(before, watched.open(), "descriptors that were not closed");
        }
        assertTrue(visited.get() < 200, "it went on for " + visited);
    }

    /** A file that takes for ever to read, by its length alone. */
    @Test
    void readingAFileEndsInTheMiddle() throws Exception {
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve("huge").toFile(), "rw")) {
            file.setLength(1L << 40);
        }
        AtomicLong reads = new AtomicLong();
        FaultyLinuxCalls watched = new FaultyLinuxCalls(REAL)
                .counting("pread")
                .before((call, number) -> stop.set(reads.incrementAndGet() >= 10));
        try (Fd root = open(watched.calls())) {
            assertThrows(
                    StopRequested.class,
                    () -> work.during(() -> new ContentHasher(watched.calls())
                            .hashOnly(root.number(), PathBytes.of("huge"), 1L << 40)));
            assertEquals(1, watched.open().size(), "descriptors that were not closed: " + watched.open());
        }
        assertTrue(reads.get() < 20, "it went on for " + reads);
        assertTrue(work.reached().bytes() > 0);
    }

    @Test
    void whatIsBeingWrittenIsFinished() throws Exception {
        byte[] content = new byte[3 << 20];
        Files.write(directory.resolve("from"), content);
        LongWork writing = new LongWork(stop::get);
        writing.during(() -> {
            LongWork.current().begin(LongWork.Stage.WRITING, 1, content.length);
            stop.set(true);
            copy();
            return true;
        });
        assertEquals(content.length, Files.size(directory.resolve("to")));
        assertEquals(content.length, writing.reached().bytes());
        assertEquals(content.length, writing.reached().totalBytes());
        // But what comes then is only read again.
        assertThrows(
                StopRequested.class,
                () -> writing.during(() -> {
                    LongWork.current().begin(LongWork.Stage.CHECKING, 0, 0);
                    walkAgainAndAgain();
                    return true;
                }));
    }

    private void walkAgainAndAgain() throws LinuxException, NodeException {
        int root = new SafeOpen(REAL).ownDirectory(directory.toString());
        try {
            for (int i = 0; i < 100; i++) {
                new TreeWalker(REAL, TreeLimits.DEFAULT).walk(root, entry -> true);
            }
        } finally {
            REAL.close(root);
        }
    }

    private void copy() throws LinuxException {
        int from = REAL.openat2(Abi.AT_FDCWD, PathBytes.of(directory + "/from"), Abi.O_RDONLY, 0, 0);
        int to = REAL.openat2(
                Abi.AT_FDCWD, PathBytes.of(directory + "/to"), Abi.O_RDWR | Abi.O_CREAT | Abi.O_EXCL, 0600, 0);
        try {
            new FileContent(REAL).copy(from, 3 << 20, to);
        } finally {
            REAL.close(from);
            REAL.close(to);
        }
    }

    @Test
    void anotherStretchBeginsAtNothing() throws Exception {
        work.during(() -> {
            for (int i = 0; i < 5; i++) {
                LongWork.passed();
            }
            LongWork.current().begin(LongWork.Stage.WRITING, 7, 8);
            LongWork.passed();
            return true;
        });
        assertEquals(1, work.reached().files());
        assertEquals(7, work.reached().totalFiles());
        assertEquals(8, work.reached().totalBytes());
        assertEquals(LongWork.Stage.WRITING, work.stage());
    }
}
