package dev.veneer.controller.telemetry;

import com.sun.net.httpserver.Authenticator;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.veneer.api.access.ServerCertificate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Serves a few pages over HTTP or HTTPS. */
public final class Pages implements AutoCloseable {
    /** A page, made for each request. */
    public interface Page {
        Answer answer();
    }

    /**
     * What a page says.
     *
     * @param good whether with a status of 200, or 503
     * @param text the text
     */
    public record Answer(boolean good, String text) {}

    static {
        // Who sends half a request does not stay for ever, either.
        System.setProperty("sun.net.httpserver.maxReqTime", "30");
    }

    private final HttpServer server;
    private final ExecutorService threads;

    /**
     * Begins to serve.
     *
     * @param address where; port 0 takes a free one
     * @param pages by their paths
     * @param access who may read them; null for whoever reaches the address
     * @param shown the certificate of HTTPS; null for plain HTTP
     */
    public Pages(
            InetSocketAddress address,
            Map<String, Page> pages,
            @Nullable Authenticator access,
            @Nullable ServerCertificate shown)
            throws IOException {
        server = ServerCertificate.serverAt(address, shown);
        // Who sends half a request does not keep the others from being answered.
        threads = Executors.newFixedThreadPool(4, task -> {
            Thread thread = new Thread(task, "pages");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        HttpContext context = server.createContext("/", exchange -> answer(exchange, pages));
        if (access != null) {
            context.setAuthenticator(access);
        }
        server.start();
    }

    /** Where it serves. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    private static void answer(HttpExchange exchange, Map<String, Page> pages) throws IOException {
        try (exchange) {
            Page page = pages.get(exchange.getRequestURI().getPath());
            if (page == null) {
                reply(exchange, 404, "there is nothing here\n");
            } else if (!exchange.getRequestMethod().equals("GET")) {
                reply(exchange, 405, "only GET\n");
            } else {
                Answer answer = page.answer();
                reply(exchange, answer.good() ? 200 : 503, answer.text());
            }
        }
    }

    private static void reply(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
