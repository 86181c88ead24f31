package dev.veneer.node.app;

import dev.veneer.api.testkit.ControlPlane;
import io.fabric8.kubernetes.client.Config;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Stands between an agent and a real API server, by plain HTTP on its own side, and does to requests and answers what a test
 * says. One request a connection; a watch is passed on as it is, for as long as neither end closes it.
 */
final class FaultyApi implements AutoCloseable {
    /** What becomes of a request. */
    sealed interface Fault {}

    /** An answer of the proxy's own; the server is not asked. */
    record Reply(int status, String headers, String body) implements Fault {
        /** As an API server says it. */
        static Reply of(int status, String reason) {
            return new Reply(
                    status,
                    "",
                    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"" + reason
                            + "\",\"message\":\"" + reason + " (by the proxy)\",\"code\":" + status + "}");
        }

        Reply with(String header) {
            return new Reply(status, headers + header + "\r\n", body);
        }
    }

    /** The connection ends without an answer; the server may have been asked. */
    record Cut(boolean afterAsking) implements Fault {}

    /** The answer ends after so many bytes. */
    record CutShort(int bytes) implements Fault {}

    /** The answer takes so long, in milliseconds. */
    record Slow(int millis) implements Fault {}

    /** The server is asked twice, and its second answer is the one. */
    record Twice() implements Fault {}

    /** What the server answered to the same request before, if it ever did. */
    record Stale() implements Fault {}

    /** A request. */
    record Call(String method, String path, boolean watch, String token) {
        boolean writes() {
            return !method.equals("GET");
        }
    }

    /** Decides what becomes of each request; null lets it through. */
    interface Faults {
        @Nullable
        Fault of(Call call);
    }

    private final ServerSocket server;
    private final SSLContext trusting;
    private final Map<String, byte[]> answers = new ConcurrentHashMap<>();
    private final Set<Socket> watches = ConcurrentHashMap.newKeySet();
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private volatile Faults faults = call -> null;
    private volatile String host = "";
    private volatile int port;

    FaultyApi(ControlPlane plane) throws IOException, GeneralSecurityException {
        server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        trusting = SSLContext.getInstance("TLS");
        trusting.init(null, new TrustManager[] {new AnyServer()}, new SecureRandom());
        target(plane);
        Thread thread = new Thread(this::accept, "faulty api");
        thread.setDaemon(true);
        thread.start();
    }

    /** Has requests go to another API server from now on. */
    void target(ControlPlane plane) {
        URI address = URI.create(Config.fromKubeconfig(plane.kubeconfig()).getMasterUrl());
        host = address.getHost();
        port = address.getPort();
    }

    String address() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    /** From now on. */
    void faults(Faults now) {
        faults = now;
    }

    /** All requests since the last {@link #forget}. */
    List<Call> calls() {
        return List.copyOf(calls);
    }

    long count(java.util.function.Predicate<Call> which) {
        return calls.stream().filter(which).count();
    }

    void forget() {
        calls.clear();
    }

    /** Ends all watches. */
    void cutWatches() {
        for (Socket watch : Set.copyOf(watches)) {
            close(watch);
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Thread thread = new Thread(() -> serve(client), "faulty api call");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            String head = head(client.getInputStream());
            if (head.isEmpty()) {
                return;
            }
            byte[] body = client.getInputStream().readNBytes(length(head));
            String[] line = head.substring(0, head.indexOf("\r\n")).split(" ", -1);
            boolean upgrade = lower(head).contains("upgrade: websocket");
            boolean watch = upgrade || line[1].contains("watch=true") || line[1].contains("watch=1");
            Call call = new Call(line[0], line[1], watch, header(head, "authorization"));
            calls.add(call);
            Fault fault = faults.of(call);
            if (fault instanceof Reply reply) {
                answer(client, reply);
            } else if (watch) {
                pass(client, head, body, upgrade);
            } else {
                carryOut(client, call, prepared(head, false), body, fault);
            }
        } catch (IOException e) {
            // One of the two went away, which is what this is for.
        }
    }

    private void carryOut(Socket client, Call call, String head, byte[] body, @Nullable Fault fault)
            throws IOException {
        String key = call.method() + " " + call.path();
        byte[] before = answers.get(key);
        if (fault instanceof Cut cut && !cut.afterAsking()) {
            return;
        }
        if (fault instanceof Stale && before != null) {
            client.getOutputStream().write(before);
            return;
        }
        byte[] answer = ask(head, body);
        if (fault instanceof Twice) {
            answer = ask(head, body);
        }
        answers.put(key, answer);
        if (fault instanceof Cut) {
            return;
        }
        if (fault instanceof Slow slow) {
            sleep(slow.millis());
        }
        int length = fault instanceof CutShort cut ? Math.min(cut.bytes(), answer.length) : answer.length;
        client.getOutputStream().write(answer, 0, length);
        client.getOutputStream().flush();
    }

    private Socket connect() throws IOException {
        return trusting.getSocketFactory().createSocket(host, port);
    }

    private byte[] ask(String head, byte[] body) throws IOException {
        try (Socket upstream = connect()) {
            upstream.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
            upstream.getOutputStream().write(body);
            upstream.getOutputStream().flush();
            return upstream.getInputStream().readAllBytes();
        }
    }

    private void pass(Socket client, String head, byte[] body, boolean upgrade) throws IOException {
        watches.add(client);
        try (Socket upstream = connect()) {
            upstream.getOutputStream().write(prepared(head, upgrade).getBytes(StandardCharsets.ISO_8859_1));
            upstream.getOutputStream().write(body);
            upstream.getOutputStream().flush();
            Thread back = new Thread(() -> pipe(client, upstream), "faulty api watch");
            back.setDaemon(true);
            back.start();
            pipe(upstream, client);
        } finally {
            watches.remove(client);
        }
    }

    private static void pipe(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[8192];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
                out.flush();
            }
        } catch (IOException e) {
            // The end of one is the end of the other.
        }
        close(from);
        close(to);
    }

    private static void answer(Socket client, Reply reply) throws IOException {
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        String head = "HTTP/1.1 " + reply.status() + " By-The-Proxy\r\nContent-Type: application/json\r\n"
                + reply.headers() + "Content-Length: " + body.length + "\r\nConnection: close\r\n\r\n";
        client.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
        client.getOutputStream().write(body);
        client.getOutputStream().flush();
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int ends = 0;
        for (int c = in.read(); c >= 0 && ends < 4; c = in.read()) {
            head.write(c);
            ends = c == (ends % 2 == 0 ? '\r' : '\n') ? ends + 1 : 0;
            if (ends == 4) {
                return head.toString(StandardCharsets.ISO_8859_1);
            }
        }
        return "";
    }

    /** One request a connection, by the first version of HTTP that both know. */
    private static String prepared(String head, boolean upgrade) {
        if (upgrade) {
            return head;
        }
        List<String> lines = new ArrayList<>();
        for (String line : head.strip().split("\r\n", -1)) {
            String name = lower(line.replaceAll(":.*", ""));
            if (!Set.of("connection", "upgrade", "http2-settings", "accept-encoding")
                    .contains(name)) {
                lines.add(line);
            }
        }
        lines.add("Connection: close");
        return String.join("\r\n", lines) + "\r\n\r\n";
    }

    private static int length(String head) {
        String length = header(head, "content-length");
        return length.isEmpty() ? 0 : Integer.parseInt(length);
    }

    private static String header(String head, String name) {
        for (String line : head.split("\r\n", -1)) {
            if (lower(line).startsWith(name + ":")) {
                return line.substring(name.length() + 1).strip();
            }
        }
        return "";
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    private static void sleep(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        cutWatches();
    }

    /** The server's certificate is its own, and not what is tested here. */
    private static final class AnyServer implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
