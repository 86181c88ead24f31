package dev.veneer.controller.telemetry;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.RetryInfo;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Counts and times what the reconcilers do, and knows when one of them hangs. Thread-safe. */
public final class Reconciliations implements Metrics {
    private static final String RESULT = "result";

    private final MeterRegistry registry;
    private final Set<Running> running = ConcurrentHashMap.newKeySet();

    /** One that goes on; each is only itself. */
    private static final class Running {
        private final long since = System.nanoTime();
    }

    /** @param registry where they are counted */
    public Reconciliations(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public <T> T timeControllerExecution(ControllerExecution<T> execution) throws Exception {
        Running now = new Running();
        running.add(now);
        boolean done = false;
        try {
            T result = execution.execute();
            done = true;
            return result;
        } finally {
            running.remove(now);
            Timer.builder("veneer.controller.reconcile")
                    .description("Looks at objects")
                    .tags(Tags.of("reconciler", execution.controllerName(), RESULT, done ? "success" : "failure"))
                    .register(registry)
                    .record(Duration.ofNanos(System.nanoTime() - now.since));
        }
    }

    @Override
    public void reconciliationFailed(
            HasMetadata object, @Nullable RetryInfo retry, Exception problem, Map<String, Object> metadata) {
        registry.counter("veneer.controller.failures", "kind", object.getKind()).increment();
    }

    /** Whether one has gone on for longer than any can that does not hang. */
    public boolean hangs(Duration longest) {
        long now = System.nanoTime();
        return running.stream().anyMatch(each -> now - each.since > longest.toNanos());
    }
}
