package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.api.validation.ObjectValidator;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The NodeStore of an agent's store: made when there is none, with nothing but what the agent's command says; never edited. */
final class OwnNodeStore {
    private static final Logger LOG = LoggerFactory.getLogger(OwnNodeStore.class);
    private static final int LABEL_MAX = 63;
    private static final int DIGITS = 8;

    private final ApiServer server;
    private final String nodeName;
    private final String path;

    OwnNodeStore(ApiServer server, String nodeName, String path) {
        this.server = server;
        this.nodeName = nodeName;
        this.path = path;
    }

    /**
     * Makes it unless there is one.
     *
     * @param told those that were told of; before one is made, the API server is asked for all there are
     */
    void ensure(Collection<JsonNode> told) throws ClusterException, InterruptedException {
        if (isAmong(told) || isAmong(there())) {
            return;
        }
        String plain = name("");
        Answer answer = make(plain);
        if (answer.status() == 409 && isAmong(there())) {
            // It was made, and the answer was lost on its way.
            return;
        }
        if (answer.status() == 409) {
            // Another store of this node, or a node of nearly the same name.
            answer = make(name("-" + digest(nodeName + " " + path)));
        }
        if (!answer.isGood() && answer.status() != 409) {
            String words = "the NodeStore " + plain + " cannot be made: " + answer.words();
            throw new ClusterException(words, answer);
        }
    }

    private List<JsonNode> there() throws ClusterException, InterruptedException {
        Answer answer = server.get(Resource.NODE_STORE.path() + "?fieldSelector=spec.nodeName%3D" + nodeName);
        if (!answer.isA("NodeStoreList")) {
            String words = "the NodeStores of node " + nodeName + " cannot be listed: " + answer.words();
            throw new ClusterException(words, answer);
        }
        List<JsonNode> there = new ArrayList<>();
        answer.body().path("items").forEach(there::add);
        return there;
    }

    private boolean isAmong(Collection<JsonNode> stores) {
        return stores.stream()
                .anyMatch(store -> store.at("/spec/nodeName").asText().equals(nodeName)
                        && store.at("/spec/path").asText().equals(path));
    }

    private Answer make(String name) throws ClusterException, InterruptedException {
        ObjectNode store = JsonNodeFactory.instance.objectNode();
        store.put("apiVersion", ObjectValidator.API_VERSION).put("kind", "NodeStore");
        store.putObject("metadata").put("name", name);
        store.putObject("spec").put("nodeName", nodeName).put("path", path);
        Answer answer = server.post(Resource.NODE_STORE.path(), store);
        if (answer.isGood()) {
            LOG.info("made the NodeStore {} for {}", name, path);
        }
        return answer;
    }

    /** A DNS label from the node's name, which may be longer and have dots. */
    String name(String suffix) {
        String label = nodeName.replace('.', '-');
        String end = suffix.isEmpty() && label.length() > LABEL_MAX ? "-" + digest(nodeName) : suffix;
        return label.substring(0, Math.min(label.length(), LABEL_MAX - end.length()))
                        .replaceAll("-+$", "")
                + end;
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
