package dev.veneer.node.service;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Tells over HTTP how the agent does, where no service manager asks: {@code /livez} is good as long as its loop turns or a pass
 * gets on, {@code /readyz} from its first pass on. Nothing is told but that, so that anybody may ask.
 */
public final class Probes implements AutoCloseable {
    /** As long as the watchdog of our systemd unit waits. */
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final Duration longest;
    private final HttpServer server;
    private volatile boolean ready;
    private volatile @Nullable Long aliveNanos;

    /**
     * Begins to tell.
     *
     * @param address where; port 0 takes a free one
     */
    public Probes(InetSocketAddress address) throws IOException {
        this(address, LONGEST);
    }

    /** @param longest how long it may be silent */
    Probes(InetSocketAddress address, Duration longest) throws IOException {
        this.longest = longest;
        server = HttpServer.create(address, 0);
        server.createContext("/", this::answer);
        server.start();
    }

    /** Where it tells. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** The first pass is over. */
    public void ready() {
        ready = true;
    }

    /** The loop turns, or a pass gets on. To be called by what would hang. Before the first call it is taken for alive. */
    public void alive() {
        aliveNanos = System.nanoTime();
    }

    private boolean isAlive() {
        Long last = aliveNanos;
        return last == null || System.nanoTime() - last <= longest.toNanos();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            switch (exchange.getRequestURI().getPath()) {
                case "/livez" -> reply(exchange, isAlive(), "the agent's loop has not turned for " + longest);
                case "/readyz" -> reply(exchange, ready, "the first pass is not over yet");
                default -> send(exchange, 404, "ask /livez or /readyz");
            }
        }
    }

    private static void reply(HttpExchange exchange, boolean good, String otherwise) throws IOException {
        send(exchange, good ? 200 : 503, good ? "ok" : otherwise);
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
