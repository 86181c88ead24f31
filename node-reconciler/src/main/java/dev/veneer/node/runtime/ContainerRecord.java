package dev.veneer.node.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a container between runs of Veneer: {@code container.json} in its directory.
 *
 * @param phase what Veneer did last
 * @param bootId the boot of the machine in which it did so; processes of another boot are gone
 * @param monitor LXC's process that looks after the container
 * @param init the container's first process
 * @param starts when it was started since it was last stopped, oldest first
 * @param fingerprint of what was started
 * @param personalizedFor the instance whose personal files are made, empty for none
 * @param message for people
 */
record ContainerRecord(
        Phase phase,
        String bootId,
        ProcessRef monitor,
        ProcessRef init,
        List<Instant> starts,
        String fingerprint,
        String personalizedFor,
        String message) {
    /** What Veneer did last with a container. */
    enum Phase {
        /** A start began; whether it came to something LXC has to be asked. */
        STARTING,
        /** A start was successful. */
        STARTED,
        /** A start failed. */
        FAILED,
        /** It was stopped, or not started yet. */
        STOPPED
    }

    private static final int FORMAT = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Nothing was done yet. */
    static final ContainerRecord NONE =
            new ContainerRecord(Phase.STOPPED, "", ProcessRef.NONE, ProcessRef.NONE, List.of(), "", "", "");

    ContainerRecord {
        starts = List.copyOf(starts);
    }

    ContainerRecord starting(String boot, List<Instant> allStarts, String newFingerprint) {
        return new ContainerRecord(
                Phase.STARTING, boot, ProcessRef.NONE, ProcessRef.NONE, allStarts, newFingerprint, personalizedFor, "");
    }

    ContainerRecord started(ProcessRef newMonitor, ProcessRef newInit) {
        return new ContainerRecord(
                Phase.STARTED, bootId, newMonitor, newInit, starts, fingerprint, personalizedFor, "");
    }

    ContainerRecord ended(Phase newPhase, String newMessage) {
        List<Instant> kept = newPhase == Phase.STOPPED ? List.of() : starts;
        return new ContainerRecord(
                newPhase, bootId, ProcessRef.NONE, ProcessRef.NONE, kept, fingerprint, personalizedFor, newMessage);
    }

    ContainerRecord personalized(String instance) {
        return new ContainerRecord(phase, bootId, monitor, init, starts, fingerprint, instance, message);
    }

    byte[] toJson() {
        ObjectNode node = JSON.createObjectNode();
        node.put("format", FORMAT);
        node.put("phase", phase.name());
        node.put("bootId", bootId);
        node.set("monitor", process(monitor));
        node.set("init", process(init));
        ArrayNode times = node.putArray("starts");
        starts.forEach(start -> times.add(start.toEpochMilli()));
        node.put("fingerprint", fingerprint);
        node.put("personalizedFor", personalizedFor);
        node.put("message", message);
        return (node.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Reads what {@link #toJson} wrote; null for anything else, which then is treated as lost. */
    static @Nullable ContainerRecord fromJson(byte[] content) {
        try {
            JsonNode node = JSON.readTree(content);
            if (node == null || node.path("format").asInt(0) != FORMAT) {
                return null;
            }
            List<Instant> starts = new ArrayList<>();
            node.path("starts").forEach(start -> starts.add(Instant.ofEpochMilli(start.asLong())));
            return new ContainerRecord(
                    Phase.valueOf(node.path("phase").asText()),
                    node.path("bootId").asText(),
                    process(node.path("monitor")),
                    process(node.path("init")),
                    starts,
                    node.path("fingerprint").asText(),
                    node.path("personalizedFor").asText(),
                    node.path("message").asText());
        } catch (IOException | IllegalArgumentException e) {
            return null;
        }
    }

    private static ObjectNode process(ProcessRef process) {
        ObjectNode node = JSON.createObjectNode();
        node.put("pid", process.pid());
        node.put("startTime", process.startTime());
        return node;
    }

    private static ProcessRef process(JsonNode node) {
        return new ProcessRef(node.path("pid").asInt(0), node.path("startTime").asLong(0));
    }
}
