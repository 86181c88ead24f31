package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** As much of an API server as a Lease needs: one Lease, and which cluster it is. */
final class LeaseServer implements AutoCloseable {
    static final String CLUSTER = "c1";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final HttpServer server;
    private final Path kubeconfig;
    private @Nullable ObjectNode lease;
    private int version;
    private boolean failing;

    LeaseServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        kubeconfig = Files.createTempFile("veneer-lease-", ".yaml");
        Files.writeString(
                kubeconfig,
                """
                apiVersion: v1
                kind: Config
                current-context: c
                contexts: [{name: c, context: {cluster: c, user: u}}]
                clusters: [{name: c, cluster: {server: "http://127.0.0.1:%d"}}]
                users: [{name: u, user: {token: t}}]
                """
                        .formatted(server.getAddress().getPort()));
    }

    ApiServer client() throws Exception {
        WatchSpans spans = new WatchSpans(PATIENCE);
        return new ApiServer(Connection.client(kubeconfig, spans, PATIENCE), spans, PATIENCE, Clock.systemUTC());
    }

    /** Puts a Lease there whose spec is this JSON. */
    synchronized void put(String spec) throws IOException {
        lease = JSON.createObjectNode();
        lease.put("apiVersion", "coordination.k8s.io/v1").put("kind", "Lease");
        lease.putObject("metadata").put("name", "n").put("resourceVersion", Integer.toString(++version));
        lease.set("spec", JSON.readTree(spec));
    }

    synchronized void take(String holder, int renewed) throws IOException {
        put("{\"holderIdentity\":\"" + holder + "\",\"leaseDurationSeconds\":60,\"renewTime\":\"" + renewed + "\"}");
    }

    synchronized void delete() {
        lease = null;
    }

    synchronized void fails(boolean now) {
        failing = now;
    }

    synchronized String holder() {
        return lease == null ? "" : lease.at("/spec/holderIdentity").asText();
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        byte[] sent = exchange.getRequestBody().readAllBytes();
        String path = exchange.getRequestURI().getPath();
        if (failing) {
            reply(exchange, 500, JSON.createObjectNode().put("kind", "Status"));
        } else if (path.endsWith("/kube-system")) {
            ObjectNode namespace = JSON.createObjectNode().put("kind", "Namespace");
            namespace.putObject("metadata").put("uid", CLUSTER);
            reply(exchange, 200, namespace);
        } else if (exchange.getRequestMethod().equals("GET")) {
            reply(exchange, lease == null ? 404 : 200, lease == null ? status() : lease);
        } else {
            ObjectNode next = (ObjectNode) JSON.readTree(sent);
            boolean makes = exchange.getRequestMethod().equals("POST");
            String of = next.at("/metadata/resourceVersion").asText();
            if (makes ? lease != null : lease == null || !of.equals(Integer.toString(version))) {
                reply(exchange, makes || lease != null ? 409 : 404, status());
                return;
            }
            next.withObject("/metadata").put("resourceVersion", Integer.toString(++version));
            lease = next;
            reply(exchange, makes ? 201 : 200, next);
        }
    }

    private static ObjectNode status() {
        return JSON.createObjectNode().put("kind", "Status");
    }

    private static void reply(HttpExchange exchange, int code, ObjectNode body) throws IOException {
        byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() throws IOException {
        server.stop(0);
        Files.delete(kubeconfig);
    }
}
