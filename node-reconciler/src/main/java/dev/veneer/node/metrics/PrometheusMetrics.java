package dev.veneer.node.metrics;

import com.sun.net.httpserver.Authenticator;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.veneer.api.access.ServerCertificate;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Metrics that Prometheus reads at {@code /metrics}. Its classes are loaded only by an agent that was given a metrics
 * address, of loopback unless a person chose otherwise.
 */
public final class PrometheusMetrics implements Metrics, AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final Map<String, AtomicLong> objects = new ConcurrentHashMap<>();
    private final AtomicLong free = new AtomicLong();
    private final AtomicLong size = new AtomicLong();
    private final AtomicLong held = new AtomicLong();

    static {
        // Read once, when the first server is made; in seconds.
        System.setProperty("sun.net.httpserver.maxReqTime", "30");
    }

    private final ExecutorService threads = Executors.newFixedThreadPool(4, task -> {
        Thread thread = new Thread(task, "metrics");
        thread.setDaemon(true);
        return thread;
    });
    private final HttpServer server;

    /**
     * Starts to serve.
     *
     * @param address where; port 0 takes a free one
     * @param access who may read them; null for whoever reaches the address
     * @param shown the certificate of HTTPS; null for plain HTTP
     */
    public PrometheusMetrics(
            InetSocketAddress address, @Nullable Authenticator access, @Nullable ServerCertificate shown)
            throws IOException {
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        collections.bindTo(registry);
        gauge("veneer.store.free", "Free space of the store's file system", "bytes", free);
        gauge("veneer.store.size", "Size of the store's file system", "bytes", size);
        gauge("veneer.source.held", "1 while a source of desired state is held", null, held);
        // Known from the beginning, so that the first one is seen as a change.
        List.of("Compact", "Rebase").forEach(this::verifyFailures);
        server = ServerCertificate.serverAt(address, shown);
        HttpContext context = server.createContext("/", this::answer);
        if (access != null) {
            context.setAuthenticator(access);
        }
        // Who sends half a request neither keeps the others from being answered nor stays for ever.
        server.setExecutor(threads);
        server.start();
    }

    private void gauge(String name, String what, @Nullable String unit, AtomicLong value) {
        Gauge.builder(name, value, AtomicLong::doubleValue)
                .description(what)
                .baseUnit(unit)
                .register(registry);
    }

    /** Where it serves. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getRequestURI().getPath().equals("/metrics")) {
                reply(exchange, 404, "text/plain", "metrics are at /metrics\n");
            } else if (!exchange.getRequestMethod().equals("GET")) {
                reply(exchange, 405, "text/plain", "only GET\n");
            } else {
                reply(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", registry.scrape());
            }
        }
    }

    private static void reply(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void pass(String trigger, Duration took, int actions, int failed) {
        Timer.builder("veneer.pass")
                .description("Passes: from observing to reported")
                .tags("trigger", trigger, "result", failed == 0 ? "success" : "failure")
                .register(registry)
                .record(took);
    }

    @Override
    public void action(String action, Duration took, boolean failed) {
        Timer.builder("veneer.action")
                .description("Executed actions")
                .tags("action", action, "result", failed ? "failure" : "success")
                .register(registry)
                .record(took);
    }

    @Override
    public void measured(String what, Duration took) {
        Timer.builder("veneer.measure")
                .description("Slivers that were measured")
                .tags("what", what)
                .register(registry)
                .record(took);
    }

    private Counter verifyFailures(String action) {
        return Counter.builder("veneer.verify.failures")
                .description("New revisions that did not look as they must and were not taken into use")
                .tags("action", action)
                .register(registry);
    }

    @Override
    public void verifyFailed(String action) {
        verifyFailures(action).increment();
    }

    @Override
    public void objects(String kind, Map<String, Integer> byReason) {
        objects.forEach((key, value) -> {
            if (key.startsWith(kind + "/") && !byReason.containsKey(key.substring(kind.length() + 1))) {
                value.set(0);
            }
        });
        byReason.forEach((reason, count) -> objects.computeIfAbsent(kind + "/" + reason, key -> {
                    AtomicLong value = new AtomicLong();
                    Gauge.builder("veneer.objects", value, AtomicLong::doubleValue)
                            .description("Objects by kind and by the reason of their condition Ready")
                            .tags(Tags.of("kind", kind, "reason", reason))
                            .register(registry);
                    return value;
                })
                .set(count));
    }

    @Override
    public void store(long freeBytes, long sizeBytes) {
        free.set(freeBytes);
        size.set(sizeBytes);
    }

    @Override
    public void held(boolean isHeld) {
        held.set(isHeld ? 1 : 0);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        collections.close();
        registry.close();
    }
}
