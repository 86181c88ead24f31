package dev.veneer.controller.telemetry;

import com.sun.net.httpserver.Authenticator;
import dev.veneer.api.access.ServerCertificate;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the controller tells of itself: {@code /livez} and {@code /readyz} on one address, {@code /metrics} on another, so that
 * who may ask whether it lives need not be told its numbers.
 */
public final class Telemetry implements AutoCloseable {
    /** A request to the API server is given up long before. */
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final Reconciliations reconciliations = new Reconciliations(registry);
    private final AtomicReference<@Nullable BooleanSupplier> ready = new AtomicReference<>();
    private final List<Pages> servers = new ArrayList<>();

    /** Tells nothing yet. */
    public Telemetry() {
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        collections.bindTo(registry);
    }

    /**
     * Begins to serve.
     *
     * @param health where it tells whether it lives and is ready; null for nowhere
     * @param metrics where it serves metrics; null for nowhere
     * @param access who may read metrics; null for everybody
     * @param shown the certificate of HTTPS for metrics; null for plain HTTP
     */
    public void serve(
            @Nullable InetSocketAddress health,
            @Nullable InetSocketAddress metrics,
            @Nullable Authenticator access,
            @Nullable ServerCertificate shown)
            throws IOException {
        if (health != null) {
            servers.add(new Pages(health, Map.of("/livez", this::lives, "/readyz", this::isReady), null, null));
        }
        if (metrics != null) {
            Pages.Page page = () -> new Pages.Answer(true, registry.scrape());
            servers.add(new Pages(metrics, Map.of("/metrics", page), access, shown));
        }
    }

    /** Where it serves, in the order in which that was asked for. */
    public List<InetSocketAddress> addresses() {
        return servers.stream().map(Pages::address).toList();
    }

    /** Counts what the reconcilers do. */
    public Reconciliations reconciliations() {
        return reconciliations;
    }

    /** From now on it is ready as long as this says so. */
    public void readyWhen(BooleanSupplier condition) {
        ready.set(condition);
    }

    /** Counts NodeStores, when somebody asks. */
    public void countStores(IntSupplier all, IntSupplier lost) {
        gauge("veneer.controller.nodestores", "NodeStores", all);
        gauge("veneer.controller.nodestores.lost", "NodeStores whose agents do not report", lost);
    }

    private void gauge(String name, String what, IntSupplier number) {
        Gauge.builder(name, number::getAsInt).description(what).register(registry);
    }

    private Pages.Answer lives() {
        boolean hangs = reconciliations.hangs(LONGEST);
        return new Pages.Answer(!hangs, hangs ? "a look at an object has not ended for five minutes\n" : "lives\n");
    }

    private Pages.Answer isReady() {
        BooleanSupplier condition = ready.get();
        boolean is = condition != null && condition.getAsBoolean();
        return new Pages.Answer(is, is ? "ready\n" : "has not read everything yet, or cannot watch it\n");
    }

    @Override
    public void close() {
        servers.forEach(Pages::close);
        collections.close();
    }
}
