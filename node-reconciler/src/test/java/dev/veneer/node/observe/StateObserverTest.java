package dev.veneer.node.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.DriverRegistry;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.model.ActualImage;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.DeclaredSpecs;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.runtime.ContainerRuntime;
import dev.veneer.node.store.Batch;
import dev.veneer.node.store.IdRangePromises;
import dev.veneer.node.store.Store;
import dev.veneer.node.testkit.RecordBuilder;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateObserverTest {
    /** As the store writes it. */
    private static final String SPEC =
            """
            {"baseImage":"small","deletionPolicy":"Delete","desiredState":"Deployed","driver":"copy","instanceSerial":1,"keepPrevious":"24h","lxc":{},"nodeName":"vm","personalize":true,"suspend":false,"update":{"grace":"30s","policy":"Restart"},"userNamespace":"Auto"}""";

    private static final SliverId ONE = new SliverId("default", "one");
    private static final SliverId TWO = new SliverId("default", "two");

    @TempDir
    Path temporary;

    private final LinuxCalls calls = new JnrLinuxCalls();
    private Set<SliverId> unreadable = Set.of();

    /** A runtime that knows a container of each sliver. */
    private ContainerRuntime runtime() {
        return (ContainerRuntime) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ContainerRuntime.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("known")) {
                        return List.of(ONE, TWO);
                    }
                    if (unreadable.contains(arguments[0])) {
                        throw new NodeException(Reason.ContainerFailed, Follow.RETRY, "lxc-info did not end");
                    }
                    return ContainerState.NONE;
                });
    }

    /** Reads the least that a spec can say. */
    private static final class Specs implements StateObserver.SpecReader {
        @Override
        public DesiredSliver sliver(SliverRecord record) throws NodeException {
            return DeclaredSpecs.sliver(record.id(), record.canonicalSpec(), "record");
        }

        @Override
        public ActualImage image(ImageRecord record) {
            throw new AssertionError("there is none");
        }
    }

    private static SliverRecord record(SliverId id) {
        return RecordBuilder.of(id)
                .uid("uid-" + id.name())
                .declared("source", SPEC)
                .build();
    }

    @Test
    void aContainerThatCannotBeAskedIsTheTroubleOfItsSliverOnly() throws Exception {
        try (Store store = Store.open(calls, temporary.resolve("store").toString(), "test")) {
            try (Batch batch = store.begin()) {
                batch.stageSliver(record(ONE));
                batch.stageSliver(record(TWO));
                batch.commit();
            }
            DriverRegistry drivers = DriverRegistry.all(calls);
            try (StateObserver observer = new StateObserver(
                    calls,
                    store,
                    new ExpectedMounts(drivers, store.layout(), store.mark()),
                    runtime(),
                    IdRangePromises.of(store, calls, temporary.resolve("run").toString()),
                    new Specs(),
                    new StateObserver.NodeProbe("node", List.of(), ""))) {
                ActualState whole = observer.observe();
                assertEquals(Set.of(ONE, TWO), whole.slivers().keySet());
                assertSame(
                        whole.slivers(),
                        observer.observe(StateObserver.Look.CHANGES).slivers());

                unreadable = Set.of(TWO);
                ActualState partly = observer.observe(StateObserver.Look.CHANGES);
                assertEquals(Set.of(ONE), partly.slivers().keySet());
                assertSame(whole.slivers().get(ONE), partly.slivers().get(ONE));
                assertEquals(
                        List.of(new ActualState.Damage(ObjectRef.of(TWO), "lxc-info did not end")), partly.damaged());

                unreadable = Set.of();
                assertEquals(
                        whole.slivers(),
                        observer.observe(StateObserver.Look.CHANGES).slivers());
            }
        }
    }
}
