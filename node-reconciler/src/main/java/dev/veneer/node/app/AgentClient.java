package dev.veneer.node.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.cli.Outcome;
import dev.veneer.node.cli.Progress;
import dev.veneer.node.cli.SourceOptions;
import dev.veneer.node.desired.FileSource;
import dev.veneer.node.model.WorkProgress;
import dev.veneer.node.store.StoreLayout;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Consumer;

/** A command's side of the agent's socket: sends what is to be done and shows how it goes on. */
final class AgentClient {
    private final String socket;

    AgentClient(String store) {
        this.socket = new StoreLayout(store).absoluteSocket();
    }

    /** Has the running agent apply these sources; empty when no agent answers. */
    Optional<Outcome> apply(SourceOptions sources, Progress progress) throws IOException {
        ObjectNode request = AgentSocket.JSON.createObjectNode();
        request.put("command", "apply");
        var paths = request.putArray("paths");
        for (String path : sources.paths()) {
            boolean input = path.equals(FileSource.STANDARD_INPUT);
            paths.add(input ? path : Path.of(path).toAbsolutePath().normalize().toString());
            if (input) {
                request.put(
                        "input",
                        Base64.getEncoder().encodeToString(System.in.readNBytes(AgentSocket.LONGEST_REQUEST / 2)));
            }
        }
        request.put("prune", sources.prune());
        request.put("allowShrink", sources.allowShrink());
        request.put("takeOver", sources.takeOver());
        Path secrets = sources.secrets();
        if (secrets != null) {
            request.put("secrets", secrets.toAbsolutePath().toString());
        }
        return send(request, progress);
    }

    /** Sends a request; empty when no agent answers. */
    Optional<Outcome> send(ObjectNode request, Progress progress) throws IOException {
        return send(request, progress, line -> {});
    }

    /** The same, with who gets the lines that are no progress. */
    Optional<Outcome> send(ObjectNode request, Progress progress, Consumer<JsonNode> others) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
            } catch (IOException e) {
                // Nobody listens: the lock is held by a command, not by an agent.
                return Optional.empty();
            }
            var out = Channels.newOutputStream(channel);
            out.write((AgentSocket.JSON.writeValueAsString(request) + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                JsonNode node = AgentSocket.JSON.readTree(line);
                if (node.has("exit")) {
                    return Optional.of(outcome(node.get("exit").asInt()));
                }
                show(node, progress);
                others.accept(node);
            }
            throw new IOException("the agent ended while it did this; it goes on when it is started again");
        }
    }

    private static void show(JsonNode node, Progress progress) {
        if (node.has("say")) {
            progress.say(node.get("say").asText());
        } else if (node.has("begin")) {
            progress.begin(
                    node.get("begin").asText(),
                    node.path("total").asLong(),
                    node.path("bytes").asBoolean() ? Progress.Unit.BYTES : Progress.Unit.THINGS);
        } else if (node.has("reached")) {
            progress.reached(node.get("reached").asLong());
        } else if (node.has("working")) {
            progress.working(
                    node.get("working").asText(),
                    new WorkProgress(
                            node.path("files").asLong(),
                            node.path("totalFiles").asLong(),
                            node.path("bytes").asLong(),
                            node.path("totalBytes").asLong(),
                            Duration.ofMillis(node.path("millis").asLong())));
        } else if (node.has("end")) {
            progress.end();
        }
    }

    private static Outcome outcome(int status) {
        return Arrays.stream(Outcome.values())
                .filter(outcome -> outcome.status() == status)
                .findFirst()
                .orElse(Outcome.SOME_FAILED);
    }
}
