package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** As much of an API server as a Lease needs: one Lease, and which cluster it is. */
final class LeaseServer implements AutoCloseable {
    static final String CLUSTER = "c1";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PlayedServer server;
    private @Nullable ObjectNode lease;
    private int version;
    private boolean failing;

    LeaseServer() throws IOException {
        server = new PlayedServer(this::answer);
    }

    ApiServer client() throws Exception {
        return server.client();
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
            PlayedServer.reply(
                    exchange, 500, JSON.createObjectNode().put("kind", "Status").toString());
        } else if (path.endsWith("/kube-system")) {
            ObjectNode namespace = JSON.createObjectNode().put("kind", "Namespace");
            namespace.putObject("metadata").put("uid", CLUSTER);
            PlayedServer.reply(exchange, 200, namespace.toString());
        } else if (exchange.getRequestMethod().equals("GET")) {
            PlayedServer.reply(exchange, lease == null ? 404 : 200, (lease == null ? status() : lease).toString());
        } else {
            ObjectNode next = (ObjectNode) JSON.readTree(sent);
            boolean makes = exchange.getRequestMethod().equals("POST");
            String of = next.at("/metadata/resourceVersion").asText();
            if (makes ? lease != null : lease == null || !of.equals(Integer.toString(version))) {
                PlayedServer.reply(exchange, makes || lease != null ? 409 : 404, status().toString());
                return;
            }
            next.withObject("/metadata").put("resourceVersion", Integer.toString(++version));
            lease = next;
            PlayedServer.reply(exchange, makes ? 201 : 200, next.toString());
        }
    }

    private static ObjectNode status() {
        return JSON.createObjectNode().put("kind", "Status");
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
