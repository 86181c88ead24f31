package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.cli.ExportCommand;
import dev.veneer.node.cli.ExportFormat;
import dev.veneer.node.cli.Progress;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.WorkProgress;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.CutOff;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** An export that is cut or fails at any call, or during which somebody else works on the sliver. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExportFaultsIT {
    private static final SliverId WEB = new SliverId("default", "web");
    private static final Progress SILENT = new Progress() {
        @Override
        public void begin(String what, long total, Unit unit) {}

        @Override
        public void reached(long done) {}

        @Override
        public void working(String what, WorkProgress reached) {}

        @Override
        public void end() {}

        @Override
        public void say(String line) {}
    };

    private NodeOnLoop node;
    private Path out;

    @BeforeAll
    void make() throws Exception {
        node = new NodeOnLoop(LoopDevice.Kind.XFS);
        node.write(
                "base.yaml",
                NodeOnLoop.image("base", node.archive("base", "etc/motd", "welcome", "gone", "x", "d/f", "")));
        node.write("web.yaml", NodeOnLoop.sliver("web"));
        assertEquals(0, node.apply().status());
        Files.writeString(node.rootfs("web").resolve("etc/motd"), "mine");
        Files.createLink(node.rootfs("web").resolve("link"), node.rootfs("web").resolve("etc/motd"));
        Files.delete(node.rootfs("web").resolve("gone"));
        out = Files.createDirectory(node.archives.resolve("out"));
    }

    @AfterAll
    void end() {
        node.close();
    }

    private ExportCommand.Result export(LinuxCalls calls, ExportFormat format) throws Exception {
        try (NodeParts parts = NodeParts.openReadOnly(calls, node.store.toString())) {
            return Exporting.export(parts, WEB, format, out.resolve("web").toString(), new Exporting.Telling(SILENT));
        }
    }

    private Map<String, String> complete(ExportFormat format) throws Exception {
        export(Site.REAL, format);
        return taken();
    }

    /** The files that are there, with their digests; they go. */
    private Map<String, String> taken() {
        String sums = Commands.run("sh", "-c", "cd " + out + "/web && find . -type f | sort | xargs sha256sum");
        Commands.run("rm", "-r", out.resolve("web").toString());
        return Map.of("files", sums);
    }

    @Test
    void aCutLeavesNothingOrAll() throws Exception {
        for (ExportFormat format : ExportFormat.values()) {
            Map<String, String> whole = complete(format);
            FaultyLinuxCalls faulty = new FaultyLinuxCalls(Site.REAL).counting(FaultyLinuxCalls.CHANGING);
            export(faulty.calls(), format);
            long all = faulty.counted();
            taken();
            for (long number = 1; number <= all; number++) {
                faulty.reset();
                faulty.cutAt(number);
                assertThrows(CutOff.class, () -> export(faulty.calls(), format));
                faulty.closeAll();
                if (Files.exists(out.resolve("web"))) {
                    assertEquals(whole, taken(), "cut at " + number);
                }
                assertEquals(whole, complete(format), "after a cut at " + number);
                assertTrue(Site.names(out).isEmpty(), Site.names(out) + " after a cut at " + number);
            }
        }
    }

    @Test
    void aFailureLeavesNothingAtAllAndNothingOpen() throws Exception {
        Map<String, String> whole = complete(ExportFormat.IMAGE);
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(Site.REAL).counting(FaultyLinuxCalls.ALL);
        export(faulty.calls(), ExportFormat.IMAGE);
        long all = faulty.counted();
        taken();
        for (long number = 1; number <= all; number++) {
            faulty.reset();
            faulty.failAt(number, number % 2 == 0 ? Errno.EIO : Errno.ENOSPC);
            String what = "failed call " + number;
            try {
                export(faulty.calls(), ExportFormat.IMAGE);
            } catch (NodeException e) {
                assertTrue(String.valueOf(e.getMessage()).length() > 10, what);
            }
            assertEquals(Map.of(), faulty.open(), what);
            if (Files.exists(out.resolve("web"))) {
                assertEquals(whole, taken(), what); // the call was none that matters, or only the last one
            }
            // Removing what was begun may be what failed; the next one does it.
            assertEquals(whole, complete(ExportFormat.IMAGE), what);
            assertTrue(Site.names(out).isEmpty(), what);
        }
    }

    @Test
    void aChangeMeanwhileIsNoticed() throws Exception {
        Path late = node.rootfs("web").resolve("late");
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(Site.REAL).counting("fsync");
        AtomicBoolean done = new AtomicBoolean();
        faulty.before((call, number) -> {
            if (done.compareAndSet(false, true)) {
                Files.writeString(late, "late");
            }
        });
        NodeException e = assertThrows(NodeException.class, () -> export(faulty.calls(), ExportFormat.IMAGE));
        assertTrue(String.valueOf(e.getMessage()).contains("was changed while it was read"), e.getMessage());
        assertTrue(Site.names(out).isEmpty());
        Files.delete(late);
    }

    @Test
    void aCompactionMeanwhileIsNoticed() throws Exception {
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(Site.REAL).counting("fsync");
        AtomicBoolean done = new AtomicBoolean();
        faulty.before((call, number) -> {
            if (done.compareAndSet(false, true)) {
                NodeOnLoop.Said said = node.run("compact", "sliver", "web");
                assertEquals(0, said.status(), said.text());
            }
        });
        NodeException e = assertThrows(NodeException.class, () -> export(faulty.calls(), ExportFormat.IMAGE));
        assertTrue(String.valueOf(e.getMessage()).contains("was changed while it was read"), e.getMessage());
        assertTrue(Site.names(out).isEmpty());
        assertFalse(complete(ExportFormat.IMAGE).isEmpty());
    }

    @Test
    void twoToTheSamePlaceDoNotMix() throws Exception {
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(Site.REAL).counting("fsync");
        AtomicBoolean done = new AtomicBoolean();
        faulty.before((call, number) -> {
            if (done.compareAndSet(false, true)) {
                NodeOnLoop.Said said = node.run(
                        "export", "sliver", "web", "--to", out.resolve("web").toString());
                assertEquals(4, said.status(), said.text());
                assertTrue(said.text().contains("another export"), said.text());
            }
        });
        export(faulty.calls(), ExportFormat.IMAGE);
        assertEquals(taken(), complete(ExportFormat.IMAGE));
    }
}
