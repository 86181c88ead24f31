package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fields of a status that the definition in the cluster does not have, for it is older than this agent. The API server takes
 * nothing of a status that has one of them, so that they are left out. Thread-safe.
 */
final class Undeclared {
    private static final Pattern FIELD =
            Pattern.compile("[.]status((?:[.][A-Za-z0-9]+|\\[[^]]*])+): field not declared in schema");
    private static final Pattern PLACE = Pattern.compile("\\[[^]]*]");

    /** After this they are tried again: the definition may have been renewed. */
    private static final Duration FORGOTTEN = Duration.ofHours(1);

    /** Paths of fields from the status on, and when that was learned. Places in lists are no part of them. */
    private final Map<List<String>, Long> paths = new ConcurrentHashMap<>();

    /**
     * Learns from a refusal.
     *
     * @return the fields that it names and that were not known, as {@code .conditions.reason}; empty when it says nothing new
     */
    Set<String> learn(String refusal) {
        Set<String> named = new HashSet<>();
        Matcher matcher = FIELD.matcher(refusal);
        while (matcher.find()) {
            String path = PLACE.matcher(matcher.group(1)).replaceAll("");
            if (paths.put(List.of(path.substring(1).split("[.]", -1)), System.nanoTime()) == null) {
                named.add(path);
            }
        }
        return named;
    }

    /**
     * Takes them out of a status.
     *
     * @return whether it had one
     */
    boolean removeFrom(ObjectNode status) {
        long now = System.nanoTime();
        paths.values().removeIf(learned -> now - learned > FORGOTTEN.toNanos());
        boolean had = false;
        for (List<String> path : paths.keySet()) {
            had |= remove(status, path);
        }
        return had;
    }

    private static boolean remove(JsonNode node, List<String> path) {
        if (node.isArray()) {
            boolean had = false;
            for (JsonNode item : node) {
                had |= remove(item, path);
            }
            return had;
        }
        if (path.size() > 1) {
            return remove(node.path(path.get(0)), path.subList(1, path.size()));
        }
        return node instanceof ObjectNode object && object.remove(path.get(0)) != null;
    }
}
