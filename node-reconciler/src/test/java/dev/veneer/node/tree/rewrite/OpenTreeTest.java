package dev.veneer.node.tree.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.ContentHasher;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.coupled.record.Difference;
import dev.veneer.node.tree.merge.MemoryTree;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenTreeTest {
    private static final Bytes FILE = Bytes.utf8("file");

    @TempDir
    Path directory;

    private final LinuxCalls calls = new JnrLinuxCalls();
    private final MemoryTree base = new MemoryTree().file("file", "12345");
    private int root;
    private OpenTree tree;

    @BeforeEach
    void open() throws Exception {
        root = new SafeOpen(calls).ownDirectory(directory.toString());
        tree = new OpenTree(calls, root, List.of(base, new MemoryTree()));
    }

    @AfterEach
    void close() {
        tree.close();
        calls.close(root);
    }

    private Identity find() throws Exception {
        return Objects.requireNonNull(tree.find(FILE));
    }

    @Test
    void aContentCountsWhereItCanBeAnothers() throws Exception {
        Files.writeString(directory.resolve("file"), "12345");
        assertEquals(32, find().content().length());
        assertEquals(true, Difference.sameContent(base.find(FILE), find()));
    }

    @Test
    void whatIsLongerIsNotReadAndLikeNoOther() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "12345");
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(1L << 40);
        }
        assertTimeout(Duration.ofSeconds(10), () -> assertEquals(Bytes.EMPTY, find().content()));
        assertEquals(false, Difference.sameContent(find(), find()));
    }

    @Test
    void aFileThatGrewIsReadNoFurther() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "12345");
        ContentHasher hasher = new ContentHasher(calls);
        byte[] name = FILE.array();
        assertEquals(
                Bytes.wrap(ContentHasher.sha256().digest("12345".getBytes(StandardCharsets.UTF_8))),
                hasher.hashOnly(root, name, 5));
        assertEquals(Bytes.EMPTY, hasher.hashOnly(root, name, 4));
        assertEquals(hasher.hashOnly(root, name, 5), hasher.hashOnly(root, name, 900_000), "one that is shorter now");
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(1L << 40);
        }
        assertTimeout(Duration.ofSeconds(10), () -> assertEquals(Bytes.EMPTY, hasher.hashOnly(root, name, 5)));
    }

    /** Between being found and being read. */
    @Test
    void whatChangedMeanwhileIsTriedAgain() throws Exception {
        Files.writeString(directory.resolve("file"), "12345");
        assertEquals(Bytes.utf8("12345"), tree.content(FILE, 5));
        assertIsTriedAgain(() -> tree.content(FILE, 4));
        Files.delete(directory.resolve("file"));
        Files.createDirectory(directory.resolve("file"));
        assertIsTriedAgain(() -> tree.content(FILE, 5));
        assertIsTriedAgain(() -> tree.digest(FILE, ContentHasher.sha256()));
        Files.delete(directory.resolve("file"));
        assertIsTriedAgain(() -> tree.content(FILE, 5));
        assertIsTriedAgain(() -> tree.digest(FILE, ContentHasher.sha256()));
    }

    private static void assertIsTriedAgain(org.junit.jupiter.api.function.Executable look) {
        NodeException e = assertThrows(NodeException.class, look);
        assertEquals(Reason.InUse, e.reason(), e.getMessage());
        assertEquals(Follow.RETRY, e.follow());
    }
}
