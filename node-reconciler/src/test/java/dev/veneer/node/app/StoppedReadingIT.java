package dev.veneer.node.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.execute.CompactionEstimate;
import dev.veneer.node.failure.StopRequested;
import dev.veneer.node.loop.PassResult;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.LoopDevice;
import dev.veneer.node.tree.LongWork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A stop in the middle of reading what a sliver holds: it is soon over, and nothing was changed. */
class StoppedReadingIT {
    private static final int FILES = 2000;

    /** Paths that are looked at until it is asked again whether to stop, and some more. */
    private static final long SOON = 200;

    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong afterwards = new AtomicLong();
    private Site site;

    @BeforeEach
    void start() throws Exception {
        site = Site.on(LoopDevice.Kind.XFS);
        site.declare(site.image(""), Site.sliver("web", "driver: overlay"));
        site.converge();
        Path own = Files.createDirectory(site.rootfs("web").resolve("own"));
        for (int i = 0; i < FILES; i++) {
            Files.createFile(own.resolve("file" + i));
        }
        site.mark("web", "mine");
    }

    @AfterEach
    void end() {
        site.close();
    }

    /** Calls that have the stop asked for at the n-th look at one of the files. */
    private FaultyLinuxCalls stoppingAt(long look) {
        AtomicLong looks = new AtomicLong();
        return new FaultyLinuxCalls(Site.REAL).before((call, number) -> {
            if (stop.get()) {
                afterwards.addAndGet(call.name().equals("llistxattr") ? 1 : 0);
            } else if (call.name().equals("statx")
                    && new String((byte[]) call.arguments().get(1), ISO_8859_1).startsWith("file")
                    && looks.incrementAndGet() == look) {
                stop.set(true);
            }
        });
    }

    /** Before the sliver is taken down, while it is read for the compaction, and while the views are compared. */
    @ParameterizedTest
    @ValueSource(longs = {FILES / 2, 2 * FILES + FILES / 2, 4 * FILES + FILES / 2})
    void aCompactionIsGivenUp(long look) throws Exception {
        site.askToCompact("web");
        FaultyLinuxCalls calls = stoppingAt(look);
        PassResult result = site.passUntil(calls.calls(), stop::get);
        assertTrue(stop.get(), "it was never so far");
        assertTrue(afterwards.get() < SOON, "looks after the stop: " + afterwards);
        ActionResult compaction = result.results().stream()
                .filter(each -> each.action() instanceof Rewrite.Compact)
                .findFirst()
                .orElseThrow();
        assertEquals(ActionResult.Outcome.SKIPPED, compaction.outcome());
        assertEquals(Reason.Progressing, compaction.failure().reason());
        assertEquals(Map.of(), calls.open(), "descriptors that were not closed");
        assertEquals(1, site.revision("web"));
        site.converge();
        site.assertSliver("web", "mine");
    }

    @Test
    void anEstimateIsGivenUp() throws Exception {
        FaultyLinuxCalls calls = stoppingAt(FILES / 2);
        try (NodeParts parts = NodeParts.open(calls.calls(), site.store().toString(), "test")) {
            SliverRecord record = parts.store()
                    .scan()
                    .slivers()
                    .get(new SliverId("default", "web"))
                    .record();
            Set<Integer> open = calls.open().keySet();
            assertThrows(StopRequested.class, () -> new LongWork(stop::get)
                    .during(() -> CompactionEstimate.of(
                            parts.calls(), parts.store().layout(), parts.bases(), parts.mounts(), record)));
            assertEquals(open, calls.open().keySet(), () -> calls.open().toString());
        }
        assertTrue(afterwards.get() < SOON, "looks after the stop: " + afterwards);
    }
}
