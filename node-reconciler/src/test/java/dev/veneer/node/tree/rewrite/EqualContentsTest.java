package dev.veneer.node.tree.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.tree.TreeLimits;
import dev.veneer.node.tree.TreeWalker;
import java.io.RandomAccessFile;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EqualContentsTest {
    private static final Duration LONGER_THAN_A_STEP_OF_THE_CLOCK = Duration.ofMillis(12);

    private final LinuxCalls calls = new JnrLinuxCalls();

    @TempDir
    Path tree;

    @TempDir
    Path scratch;

    private Fd root;
    private EqualContents known;

    @BeforeEach
    void open() throws Exception {
        root = new Fd(
                calls,
                calls.openat2(Abi.AT_FDCWD, PathBytes.of(tree.toString()), Abi.O_RDONLY | Abi.O_DIRECTORY, 0, 0));
        known = new EqualContents(calls, scratch.toString(), Instant.now().plusSeconds(60));
    }

    @AfterEach
    void close() {
        known.close();
        root.close();
    }

    private interface Look {
        void at(TreeWalker.Entry entry) throws Exception;
    }

    private void walk(Look look) throws Exception {
        new TreeWalker(calls, TreeLimits.DEFAULT).walk(root.number(), entry -> {
            if (entry.stat().isRegular()) {
                try {
                    look.at(entry);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
            return true;
        });
    }

    private Set<String> held() throws Exception {
        Set<String> held = new TreeSet<>();
        walk(entry -> {
            if (known.holds(entry)) {
                held.add(new String(entry.path(), StandardCharsets.UTF_8));
            }
        });
        return held;
    }

    @Test
    void aFileThatIsWrittenToIsNoLongerKnownWhateverItsOtherTimesSay() throws Exception {
        Path one = Files.writeString(tree.resolve("one"), "aaaa");
        Files.writeString(tree.resolve("two"), "aaaa");
        walk(known::note);
        assertEquals(Set.of("one", "two"), held());
        FileTime time = Files.getLastModifiedTime(one);
        Thread.sleep(LONGER_THAN_A_STEP_OF_THE_CLOCK.toMillis());
        Files.writeString(one, "bbbb");
        Files.setLastModifiedTime(one, time);
        assertEquals(Set.of("two"), held());
    }

    @Test
    void norOneThatIsWrittenToByItsMemory() throws Exception {
        Path one = Files.writeString(tree.resolve("one"), "aaaa");
        try (RandomAccessFile file = new RandomAccessFile(one.toFile(), "rw")) {
            MappedByteBuffer memory = file.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, 4);
            memory.put(0, (byte) 'a');
            calls.syncfs(root.number());
            walk(known::note);
            assertEquals(Set.of("one"), held());
            Thread.sleep(LONGER_THAN_A_STEP_OF_THE_CLOCK.toMillis());
            memory.put(0, (byte) 'b');
            assertEquals(Set.of(), held());
        }
    }

    /** The base may have something else there. */
    @Test
    void elsewhereItIsAnother() throws Exception {
        Files.createDirectory(tree.resolve("here"));
        Files.writeString(tree.resolve("here/one"), "aaaa");
        walk(known::note);
        // The file itself is not touched.
        Files.move(tree.resolve("here"), tree.resolve("there"));
        assertEquals(Set.of(), held());
    }

    @Test
    void whatWasJustWrittenMayBeWrittenAgainUnseen() throws Exception {
        Files.writeString(tree.resolve("one"), "aaaa");
        try (EqualContents late =
                new EqualContents(calls, scratch.toString(), Instant.now().minusSeconds(1))) {
            walk(late::note);
            walk(entry -> assertEquals(false, late.holds(entry)));
        }
    }

    /** Reading again needs no room. */
    @Test
    void withoutRoomItKnowsNothing() throws Exception {
        for (int i = 0; i < 40_000; i++) {
            Files.createFile(tree.resolve("f" + i));
        }
        FaultyLinuxCalls full = new FaultyLinuxCalls(calls).counting("ftruncate", "pwrite");
        full.failFrom(1, Errno.ENOSPC);
        try (EqualContents cramped = new EqualContents(
                full.calls(), scratch.toString(), Instant.now().plusSeconds(60))) {
            walk(cramped::note);
            assertTrue(full.counted() > 0);
            walk(entry -> assertEquals(false, cramped.holds(entry)));
        }
    }

    @Test
    void whatIsFoundLaterIsNotKept() throws Exception {
        Files.writeString(tree.resolve("one"), "aaaa");
        walk(known::note);
        known.complete();
        Files.writeString(tree.resolve("two"), "aaaa");
        walk(known::note);
        assertEquals(Set.of("one"), held());
    }

    @Test
    void itKnowsManyMoreThanItKeepsInMemory() throws Exception {
        for (int i = 0; i < 100; i++) {
            Path directory = Files.createDirectory(tree.resolve("d" + i));
            for (int j = 0; j < 400; j++) {
                Files.createFile(directory.resolve("f" + j));
            }
        }
        walk(known::note);
        assertEquals(40_000, held().size());
    }
}
