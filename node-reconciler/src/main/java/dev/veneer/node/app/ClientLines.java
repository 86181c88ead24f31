package dev.veneer.node.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lines of an answer on their way to a client, written by a thread of their own: whoever makes them is the agent's
 * loop, or holds a sliver down, and must not wait for a client that was suspended or whose link is stuck.
 */
final class ClientLines implements AgentSocket.Answer, AutoCloseable {
    /** As many as a plan for a store of slivers has; a client that far behind gets no more. */
    static final int MOST_WAITING = 100_000;

    /** Behind so many what only tells how far something is would be old when it is read. */
    static final int FRESH = 50;

    private static final Logger LOG = LoggerFactory.getLogger(ClientLines.class);
    private static final byte[] END = {};

    private final BlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final OutputStream out;
    private final Thread thread;
    private volatile boolean gone;

    ClientLines(OutputStream out) {
        this.out = out;
        this.thread = new Thread(this::write, "agent-client-lines");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void line(ObjectNode node) {
        if (!gone && !waiting.offer(bytes(node))) {
            gone = true;
        }
    }

    @Override
    public void passing(ObjectNode node) {
        if (waiting.size() < FRESH) {
            line(node);
        }
    }

    private static byte[] bytes(ObjectNode node) {
        try {
            return (AgentSocket.JSON.writeValueAsString(node) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a line is plain data", e);
        }
    }

    private void write() {
        try {
            for (byte[] line = waiting.take(); line != END; line = waiting.take()) {
                if (!gone) {
                    out.write(line);
                    out.flush();
                }
            }
        } catch (IOException e) {
            LOG.debug("a client of the agent's socket: {}", e.getMessage());
            gone = true;
            waiting.clear();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until the client has what it was told: by the thread that is there for this client alone. */
    @Override
    public void close() {
        try {
            while (thread.isAlive() && !waiting.offer(END)) {
                Thread.sleep(10);
            }
            thread.join();
        } catch (InterruptedException e) {
            gone = true;
            Thread.currentThread().interrupt();
        }
    }
}
