package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Slivers in which somebody writes whom Veneer does not know: a deployed sliver is for others' use. */
@Timeout(180)
class WriterBesideIT {
    /** What somebody does again and again. */
    private interface Writing {
        void once(int number) throws IOException;
    }

    private static final class Writer implements AutoCloseable {
        private final AtomicBoolean end = new AtomicBoolean();
        private final Thread thread;

        Writer(Writing writing) {
            thread = new Thread(() -> {
                for (int i = 1; !end.get(); i++) {
                    try {
                        writing.once(i);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            });
        }

        void start() {
            thread.start();
        }

        @Override
        public void close() {
            end.set(true);
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    private static void make(NodeOnLoop node, String driver) throws Exception {
        for (String name : new String[] {"v1", "v2"}) {
            String users = "root:x:0:0:" + name + ":/:/bin/sh\n";
            String archive = node.archive(name, "etc/motd", name, "usr/big", "x", "etc/passwd", users);
            node.write(name + ".yaml", NodeOnLoop.image(name, archive));
        }
        node.write("web.yaml", NodeOnLoop.sliverOn("v1", "web", "driver: " + driver));
        NodeOnLoop.Said made = node.apply();
        assertEquals(0, made.status(), made.text());
    }

    private static int number(Path file) throws IOException {
        String text = Files.readString(file).strip();
        return text.isEmpty() ? 0 : Integer.parseInt(text);
    }

    /** On a file system that cannot share blocks, so that a copy takes its time. */
    @ParameterizedTest
    @CsvSource({"overlay, upper", "copy, tree"})
    void aSnapshotIsOfOneMoment(String driver, String stored) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.EXT4)) {
            make(node, driver);
            Path rootfs = node.rootfs("web");
            Commands.run("dd", "if=/dev/zero", "of=" + rootfs.resolve("big"), "bs=1M", "count=120", "status=none");
            node.write(
                    "web.yaml",
                    NodeOnLoop.sliverOn("v1", "web", "driver: " + driver + ", snapshots: {" + SnapshotIT.once() + "}"));
            try (Writer writer = new Writer(i -> {
                Files.writeString(rootfs.resolve("a-first"), Integer.toString(i));
                Files.writeString(rootfs.resolve("z-last"), Integer.toString(i));
            })) {
                writer.start();
                NodeOnLoop.Said said = node.apply();
                assertTrue(said.text().contains("was written to while it was copied"), said.text());
                assertFalse(Files.exists(node.revision("web", 2)), "a snapshot of no one moment");
            }
            NodeOnLoop.Said said = node.apply();
            assertEquals(0, said.status(), said.text());
            assertTrue(said.text().contains("snapshot done"), said.text());
            Path snapshot = node.revision("web", 2).resolve(stored);
            assertEquals(number(snapshot.resolve("a-first")), number(snapshot.resolve("z-last")));
            assertEquals(120L << 20, Files.size(snapshot.resolve("big")));
        }
    }

    /** What comes and goes while it is looked at keeps nobody from saying about how much it is. */
    @ParameterizedTest
    @CsvSource({"XFS, overlay", "XFS, copy"})
    void estimatesAndPreviewsComeOut(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            make(node, driver);
            Path rootfs = node.rootfs("web");
            for (int i = 0; i < 300; i++) {
                Files.createDirectories(rootfs.resolve("own/" + i));
            }
            try (Writer writer = new Writer(i -> {
                Path directory = rootfs.resolve("own/" + i % 300 + "/d");
                Files.createDirectory(directory);
                Files.writeString(directory.resolve("file"), "x");
                Files.createSymbolicLink(directory.resolve("link"), Path.of("file"));
                Files.delete(directory.resolve("link"));
                Files.delete(directory.resolve("file"));
                Files.delete(directory);
            })) {
                writer.start();
                for (int i = 0; i < 30; i++) {
                    NodeOnLoop.Said estimate = node.run("compact", "sliver", "web", "--dry-run");
                    assertEquals(0, estimate.status(), estimate.text());
                    NodeOnLoop.Said preview = node.run("rebase", "sliver", "web", "--to", "v2", "--dry-run");
                    assertEquals(0, preview.status(), preview.text());
                }
            }
        }
    }

    /** Nor does what is looked at before a move, which then waits for nobody's mistake. */
    @Test
    void aFileThatIsReplacedAgainAndAgainIsNoRefusal() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            make(node, "overlay, rebase: {onConflict: KeepSliver}");
            Path passwd = node.rootfs("web").resolve("etc/passwd");
            try (Writer writer = new Writer(i -> {
                Files.writeString(passwd, "root:x:0:0::/:/bin/sh\n".repeat(i % 2 == 0 ? 1 : 40_000));
                Files.delete(passwd);
            })) {
                writer.start();
                for (int i = 0; i < 30; i++) {
                    NodeOnLoop.Said preview = node.run("rebase", "sliver", "web", "--to", "v2", "--dry-run");
                    assertEquals(0, preview.status(), preview.text());
                }
            }
        }
    }
}
