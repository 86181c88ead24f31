package dev.veneer.node.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.driver.DriverRegistry;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.model.DesiredStore;
import dev.veneer.node.model.Rerun;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.plan.Action;
import dev.veneer.node.runtime.ContainerRuntime;
import dev.veneer.node.store.Batch;
import dev.veneer.node.store.Store;
import dev.veneer.node.testkit.RecordBuilder;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is to be run inside is written down as run when it has, not when it has begun. */
class InsideWorkTest {
    private static final SliverId WEB = new SliverId("default", "web");

    @TempDir
    Path directory;

    private List<Integer> exits;

    private static SliverRecord record(List<Rerun> reruns) {
        return RecordBuilder.of(WEB).reruns(reruns).build();
    }

    private static int left(Store store) throws Exception {
        return store.scan().slivers().get(WEB).record().reruns().size();
    }

    @Test
    void whatHasOnlyBegunStaysInTheRecordAndHoldsUpNothing() throws Exception {
        LinuxCalls calls = new JnrLinuxCalls();
        List<Rerun> reruns = List.of(new Rerun(List.of("ldconfig"), "test"));
        ContainerRuntime runtime = (ContainerRuntime) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ContainerRuntime.class}, (proxy, method, arguments) -> {
                    assertEquals("runAllInside", method.getName());
                    return exits;
                });
        try (Store store = Store.open(calls, directory.resolve("store").toString(), "test")) {
            try (Batch batch = store.begin()) {
                batch.stageSliver(record(reruns));
                batch.commit();
            }
            NodeTools tools = new NodeTools(
                    calls,
                    store,
                    DriverRegistry.all(calls),
                    null,
                    null,
                    runtime,
                    null,
                    new Looks(Clock.systemUTC()),
                    null,
                    DesiredStore.defaults("n"),
                    null,
                    Clock.systemUTC());
            Action.RunInside action = new Action.RunInside(record(List.of()), reruns, "test");
            Run begun = new Run(Clock.systemUTC(), ExecutionListener.NONE);
            new InsideWork(tools).run(action, begun);
            assertTrue(begun.isDeferred(action.object()), "later actions would write that it was run");
            assertEquals(1, left(store));
            assertEquals("begun: ldconfig", begun.results().get(0).detail());

            exits = List.of(3);
            Run ended = new Run(Clock.systemUTC(), ExecutionListener.NONE);
            new InsideWork(tools).run(action, ended);
            assertEquals(0, left(store));
            assertEquals(
                    "ran ldconfig (failed: exit status 3)",
                    ended.results().get(0).detail());
        }
    }
}
