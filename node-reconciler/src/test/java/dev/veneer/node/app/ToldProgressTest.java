package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.veneer.node.cli.Outcome;
import dev.veneer.node.cli.Progress;
import dev.veneer.node.execute.Working;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.WorkProgress;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.store.StoreLayout;
import dev.veneer.node.testkit.RecordBuilder;
import dev.veneer.node.tree.LongWork;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How far long work is, on its way to a person. */
class ToldProgressTest {
    private static final WorkProgress SOME = new WorkProgress(1, 2, 3, 4, Duration.ofMillis(5));

    /** Keeps what it is told. */
    private static final class Heard implements Progress {
        final List<String> lines = new ArrayList<>();
        final List<WorkProgress> numbers = new ArrayList<>();

        @Override
        public void begin(String what, long total, Unit unit) {}

        @Override
        public void reached(long done) {}

        @Override
        public void working(String what, WorkProgress reached) {
            lines.add(what);
            numbers.add(reached);
        }

        @Override
        public void end() {}

        @Override
        public void say(String line) {}
    }

    private static Working working(String sliver, WorkProgress reached) {
        return new Working(
                new Rewrite.Compact(
                        RecordBuilder.of(new SliverId("default", sliver))
                                .revision(2)
                                .build(),
                        1,
                        List.of(),
                        false,
                        "test"),
                true,
                LongWork.Stage.READING,
                reached,
                Duration.ofSeconds(1),
                Instant.EPOCH);
    }

    @Test
    void oneSliverIsNamedAndOfSeveralTheirSumIsTold() {
        Heard heard = new Heard();
        ProgressListener listener = new ProgressListener(heard);
        listener.working(List.of(working("web", SOME)));
        listener.working(List.of(working("web", SOME), working("db", SOME)));
        assertEquals(List.of("sliver default/web: compacting, reading", "2 slivers are rewritten"), heard.lines);
        assertEquals(List.of(SOME, SOME.with(SOME)), heard.numbers);
    }

    @Test
    void itComesThroughTheAgentsSocket(@TempDir Path directory) throws Exception {
        String path = new StoreLayout(directory.toString()).absoluteSocket();
        Heard heard = new Heard();
        AgentSocket agent = new AgentSocket(new JnrLinuxCalls(), path, (request, answer) -> {
            SocketProgress progress = new SocketProgress(answer);
            progress.working("compacting", SOME);
            progress.working("compacting", SOME); // too soon to be worth a line
            return 0;
        });
        try {
            Optional<Outcome> outcome = new AgentClient(directory.toString())
                    .send(AgentSocket.JSON.createObjectNode().put("command", "test"), heard);
            assertEquals(Optional.of(Outcome.DONE), outcome);
        } finally {
            agent.close();
        }
        assertEquals(List.of("compacting"), heard.lines);
        assertEquals(List.of(SOME), heard.numbers);
    }

    /** The watchdog is for what stands still, and does not care who is told. */
    @Test
    void onlyWhatGetsOnIsASignOfLife() {
        AtomicInteger lives = new AtomicInteger();
        for (Heard heard : new Heard[] {new Heard(), null}) {
            lives.set(0);
            LivelyProgress progress = new LivelyProgress(heard, lives::incrementAndGet);
            progress.working("compacting", SOME);
            progress.working("compacting", SOME);
            assertEquals(1, lives.get());
            progress.working("compacting", SOME.with(SOME));
            assertEquals(2, lives.get());
            assertEquals(heard == null ? 0 : 3, heard == null ? 0 : heard.lines.size());
        }
    }
}
