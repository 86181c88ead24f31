package dev.veneer.api.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.veneer.api.testkit.ControlPlane;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A real API server judges every object of the corpus as its file says and as our own validation does, and fills in the same
 * defaults.
 */
class CorpusIT {
    /** Of its own: with the admission policies that other classes install, more would be refused. */
    private static final ControlPlane PLANE = ControlPlane.start();

    private static final Path CORPUS = Path.of("src/test/resources/corpus");
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectValidator OURS = new ObjectValidator(Surroundings.KUBERNETES);

    /** What an API server keeps, and nobody sends to make an object. */
    private static final List<String> SERVERS = List.of(
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
            "managedFields",
            "finalizers",
            "ownerReferences",
            "selfLink");

    /**
     * Fields that take a whole number or a text: the server keeps what was given; we always write a text, so that a spec does
     * not change when somebody puts a number in quotes.
     */
    private static final List<String> NUMBERS_OR_TEXTS =
            List.of("reserve/minFree", "compaction/minReclaimable", "lxc/cpus", "lxc/memory");

    static Stream<Path> all() throws IOException {
        List<Path> all = new ArrayList<>();
        for (String directory : List.of("good", "bad")) {
            try (Stream<Path> files = Files.list(CORPUS.resolve(directory))) {
                files.sorted().forEach(all::add);
            }
        }
        return all.stream();
    }

    @AfterAll
    static void end() {
        PLANE.close();
    }

    @BeforeAll
    static void namespaces() throws IOException {
        Set<String> namespaces = new TreeSet<>();
        for (Path file : all().toList()) {
            for (JsonNode document : documents(file)) {
                String name = document.at("/metadata/namespace").asText();
                if (MetadataCheck.isLabel(name)) {
                    namespaces.add(name);
                }
            }
        }
        namespaces.forEach(PLANE.identities()::namespace);
    }

    @ParameterizedTest
    @MethodSource("all")
    void theServerJudgesAsNoted(Path file) throws IOException {
        List<JsonNode> documents = documents(file);
        ObjectNode old = null;
        List<JsonNode> made = new ArrayList<>();
        try {
            for (int i = 0; i < documents.size(); i++) {
                boolean last = i == documents.size() - 1;
                JsonNode document = documents.get(i);
                String refusal = send(document, i > 0, made);
                if (last) {
                    assertEquals(header(file).startsWith("accepts"), refusal == null, refusal);
                } else {
                    assertEquals(null, refusal);
                }
                Verdict ours = OURS.judge(document, old);
                if (refusal == null && ours.canonical().isPresent()) {
                    ObjectNode canonical = ours.canonical().get();
                    assertEquals(tidy(canonical), tidy(made.get(made.size() - 1)), "defaults");
                    old = canonical;
                }
            }
        } finally {
            made.forEach(CorpusIT::delete);
        }
    }

    /** Every kind has a status from its first second on, which nobody can take for current. */
    @Test
    void statusSaysThatNobodyHasLooked() throws IOException {
        List<JsonNode> made = new ArrayList<>();
        JsonNode document =
                documents(CORPUS.resolve("good/sliver-minimal.yaml")).get(0);
        try {
            assertEquals(null, send(document, false, made));
            assertEquals(-1, made.get(0).at("/status/observedGeneration").asInt());
        } finally {
            made.forEach(CorpusIT::delete);
        }
    }

    /** What is unknown is dropped with a warning or refused, as the client asks; ours refuses it. */
    @Test
    void whatIsUnknownIsRefusedByTheStrict() throws IOException {
        JsonNode document = documents(CORPUS.resolve("bad/spec-unknown.yaml")).get(0);
        String strict = raw(document, path(document) + "?fieldValidation=Strict", "POST", new ArrayList<>());
        assertTrue(strict != null && strict.contains("unknown field"), strict);
        List<JsonNode> made = new ArrayList<>();
        try {
            assertEquals(null, raw(document, path(document) + "?fieldValidation=Ignore", "POST", made));
        } finally {
            made.forEach(CorpusIT::delete);
        }
    }

    /** Sends an object; what the server says against it, or null. */
    private static @Nullable String send(JsonNode document, boolean replace, List<JsonNode> made) {
        String collection = path(document);
        JsonNode next = document.deepCopy();
        if (next.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove(SERVERS);
        }
        if (!replace) {
            return raw(next, collection + "?fieldValidation=Strict", "POST", made);
        }
        JsonNode there = made.get(made.size() - 1);
        ((ObjectNode) next.get("metadata"))
                .put("resourceVersion", there.at("/metadata/resourceVersion").asText());
        String place = collection + "/" + document.at("/metadata/name").asText();
        return raw(next, place + "?fieldValidation=Strict", "PUT", made);
    }

    private static @Nullable String raw(JsonNode document, String path, String method, List<JsonNode> made) {
        KubernetesClient client = PLANE.client();
        try {
            String answer = client.raw(path, method, document);
            made.add(JSON.readTree(answer));
            return null;
        } catch (KubernetesClientException e) {
            return String.valueOf(e.getMessage());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void delete(JsonNode object) {
        // What was replaced is there once, and the second time gone.
        PLANE.client()
                .resource(Serialization.unmarshal(object.toString(), GenericKubernetesResource.class))
                .delete();
    }

    private static String path(JsonNode document) {
        String kind = document.path("kind").asText();
        String plural = kind.toLowerCase(java.util.Locale.ROOT) + "s";
        String namespace = document.at("/metadata/namespace").asText("");
        boolean namespaced = kind.equals("Sliver");
        return "/apis/veneer.dev/v1alpha1/"
                + (namespaced ? "namespaces/" + (namespace.isEmpty() ? "default" : namespace) + "/" : "") + plural;
    }

    /** Without what only a server knows. */
    private static JsonNode tidy(JsonNode object) throws IOException {
        // By way of text, for a number read from YAML need not be of the class of one that was filled in.
        ObjectNode copy = (ObjectNode) JSON.readTree(object.toString());
        copy.remove("status");
        ObjectNode metadata = (ObjectNode) copy.get("metadata");
        metadata.remove(SERVERS);
        for (String field : NUMBERS_OR_TEXTS) {
            int slash = field.indexOf('/');
            String name = field.substring(slash + 1);
            JsonNode parent = copy.path("spec").path(field.substring(0, slash));
            if (parent.path(name).isNumber()) {
                ((ObjectNode) parent).put(name, parent.path(name).asText());
            }
        }
        return copy;
    }

    private static List<JsonNode> documents(Path file) throws IOException {
        List<JsonNode> documents = new ArrayList<>();
        try (JsonParser parser = YAML.getFactory().createParser(file.toFile())) {
            while (parser.nextToken() != null) {
                documents.add(YAML.<JsonNode>readTree(parser));
            }
        }
        return documents;
    }

    private static String header(Path file) throws IOException {
        String start = "# server:";
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(start))
                .map(line -> line.substring(start.length()).trim())
                .findFirst()
                .orElseThrow();
    }
}
