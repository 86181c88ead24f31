package dev.veneer.api.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Who asked what of an API server, by its own audit log: nothing that reached it is missing. */
public final class AuditLog {
    private static final int CHUNK = 1 << 16;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> READING = Set.of("get", "list", "watch");

    /** Statuses of slivers with what was said; of all else that something was. */
    private static final String POLICY =
            """
            apiVersion: audit.k8s.io/v1
            kind: Policy
            omitStages: [RequestReceived]
            omitManagedFields: true
            rules:
            - {level: None, userGroups: ["system:masters"]}
            - {level: None, users: ["system:apiserver", "system:anonymous"]}
            - level: Request
              resources: [{group: veneer.dev, resources: [slivers/status]}]
            - level: Metadata
            """;

    private final Path policy;
    private final Path log;

    /**
     * One request; a watch counts when it begins.
     *
     * @param node the node whose pod's token it was made with; empty for others
     * @param said what was sent, where the log has it; else a missing node
     */
    public record Entry(
            String node, String verb, String resource, String subresource, String name, int code, JsonNode said) {
        /** Whether something was to be changed. */
        public boolean writes() {
            return !READING.contains(verb);
        }

        /** Whether it was done. */
        public boolean done() {
            return code / 100 == 2;
        }
    }

    AuditLog(Path directory) {
        this.policy = directory.resolve("audit-policy.yaml");
        this.log = directory.resolve("audit.log");
    }

    /** What an API server is started with to write it; that of administrators is left out. */
    List<String> options() {
        try {
            Files.writeString(policy, POLICY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.of("--audit-policy-file=" + policy, "--audit-log-path=" + log, "--audit-log-mode=blocking");
    }

    /** How much there is now in whole lines, to read later from there on. */
    public long size() {
        if (!Files.exists(log)) {
            return 0;
        }
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long end = file.length();
            byte[] bytes = new byte[CHUNK];
            while (end > 0) {
                int count = (int) Math.min(end, CHUNK);
                file.seek(end - count);
                file.readFully(bytes, 0, count);
                for (int i = count - 1; i >= 0; i--) {
                    if (bytes[i] == '\n') {
                        return end - count + i + 1;
                    }
                }
                end -= count;
            }
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All requests that were answered, from a place that {@link #size} told. */
    public List<Entry> since(long from) {
        List<Entry> entries = new ArrayList<>();
        // The last line may not be whole yet.
        long left = size() - from;
        if (left <= 0) {
            return entries;
        }
        try (SeekableByteChannel channel = Files.newByteChannel(log).position(from);
                BufferedReader lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            while (left > 0) {
                String line = lines.readLine();
                left -= line.getBytes(StandardCharsets.UTF_8).length + 1;
                add(JSON.readTree(line), entries);
            }
            return entries;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(JsonNode event, List<Entry> entries) {
        boolean watch = event.path("verb").asText().equals("watch");
        if (!event.path("stage").asText().equals(watch ? "ResponseStarted" : "ResponseComplete")) {
            return;
        }
        JsonNode object = event.path("objectRef");
        entries.add(new Entry(
                event.at("/user/extra/authentication.kubernetes.io~1node-name/0")
                        .asText(),
                event.path("verb").asText(),
                object.path("resource").asText(),
                object.path("subresource").asText(),
                object.path("name").asText(),
                event.at("/responseStatus/code").asInt(),
                event.path("requestObject")));
    }
}
