package dev.veneer.node.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running agent's side of the socket in the store. One request a connection: a line of JSON; the answer is lines of
 * JSON, the last of which has {@code exit}. A client that goes away does not stop what it asked for.
 */
final class AgentSocket implements AutoCloseable {
    /** Longest request: paths, options, and what standard input gave. */
    static final int LONGEST_REQUEST = 32 << 20;

    static final ObjectMapper JSON = new ObjectMapper();
    private static final Logger LOG = LoggerFactory.getLogger(AgentSocket.class);

    /** Answers one request. */
    interface Handler {
        /** Does what is asked for, tells through {@code answer}, and returns the exit status. */
        int handle(JsonNode request, Answer answer);
    }

    /** Where an answer goes; a client that has gone away is not noticed. */
    interface Answer {
        void line(ObjectNode line);

        /** One that only tells how far something is: left out where the client still has to read others. */
        void passing(ObjectNode line);
    }

    private final ServerSocketChannel server;
    private final Handler handler;
    private final LinuxCalls calls;
    private final String path;

    AgentSocket(LinuxCalls calls, String path, Handler handler) throws IOException {
        this.calls = calls;
        this.path = path;
        this.handler = handler;
        remove();
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        // The store's own directory lets nobody but root in; the mode is for one who moved it.
        calls.fchmodat(Abi.AT_FDCWD, PathBytes.of(path), 0600);
        Thread thread = new Thread(this::accept, "agent-socket");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                Thread thread = new Thread(() -> serve(client), "agent-client");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                if (server.isOpen()) {
                    LOG.warn("the agent's socket {}: {}", path, e.getMessage());
                }
                return;
            }
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            UnixDomainPrincipal peer = client.getOption(ExtendedSocketOptions.SO_PEERCRED);
            if (!peer.user().getName().equals("root")) {
                LOG.warn(
                        "refused a client of the agent's socket: user {}",
                        peer.user().getName());
                return;
            }
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(Channels.newInputStream(client), StandardCharsets.UTF_8));
            String line = readLine(in);
            try (ClientLines answer = new ClientLines(Channels.newOutputStream(client))) {
                int status = handler.handle(JSON.readTree(line), answer);
                answer.line(JSON.createObjectNode().put("exit", status));
            }
        } catch (IOException e) {
            LOG.debug("a client of the agent's socket: {}", e.getMessage());
        }
    }

    private static String readLine(BufferedReader in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
            if (line.length() > LONGEST_REQUEST) {
                throw new IOException("the request is longer than " + LONGEST_REQUEST + " characters");
            }
        }
        return line.toString();
    }

    private void remove() throws LinuxException {
        try {
            calls.unlinkat(Abi.AT_FDCWD, PathBytes.of(path), 0);
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOENT)) {
                throw e;
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        remove();
    }
}
