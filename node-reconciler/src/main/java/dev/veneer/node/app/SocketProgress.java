package dev.veneer.node.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.cli.Progress;
import dev.veneer.node.model.WorkProgress;

/** Progress that is told to a client of the agent's socket. */
final class SocketProgress implements Progress {
    private final AgentSocket.Answer answer;
    private volatile long told;

    SocketProgress(AgentSocket.Answer answer) {
        this.answer = answer;
    }

    private static ObjectNode node() {
        return AgentSocket.JSON.createObjectNode();
    }

    @Override
    public void begin(String what, long total, Unit unit) {
        answer.line(node().put("begin", what).put("total", total).put("bytes", unit == Unit.BYTES));
    }

    @Override
    public void reached(long done) {
        long now = System.nanoTime();
        // Ten a second are enough for the eye; a line for each of a thousand slivers is not.
        if (now - told > 100_000_000L) {
            told = now;
            answer.passing(node().put("reached", done));
        }
    }

    @Override
    public void working(String what, WorkProgress reached) {
        long now = System.nanoTime();
        if (now - told > 100_000_000L) {
            told = now;
            answer.passing(node().put("working", what)
                    .put("files", reached.files())
                    .put("totalFiles", reached.totalFiles())
                    .put("bytes", reached.bytes())
                    .put("totalBytes", reached.totalBytes())
                    .put("millis", reached.elapsed().toMillis()));
        }
    }

    @Override
    public void end() {
        answer.line(node().put("end", true));
    }

    @Override
    public void say(String line) {
        answer.line(node().put("say", line));
    }
}
