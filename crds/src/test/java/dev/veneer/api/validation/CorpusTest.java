package dev.veneer.api.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every object of the corpus is judged as its file says. */
class CorpusTest {
    private static final Path CORPUS = Path.of("src/test/resources/corpus");
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final ObjectValidator FILES = new ObjectValidator(
            new Surroundings("node-1", "default", Set.of("overlay", "btrfs-snapshot", "copy"), Map.of()));
    private static final ObjectValidator SERVER = new ObjectValidator(Surroundings.KUBERNETES);

    static Stream<Path> good() throws IOException {
        return files("good");
    }

    static Stream<Path> bad() throws IOException {
        return files("bad");
    }

    private static Stream<Path> files(String directory) throws IOException {
        try (Stream<Path> files = Files.list(CORPUS.resolve(directory))) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("good")
    void isAccepted(Path file) throws IOException {
        Verdict verdict = judge(FILES, file);
        assertEquals(List.of(), verdict.violations());
        ObjectNode canonical = verdict.canonical().orElseThrow();
        assertEquals(canonical, FILES.judge(canonical, null).canonical().orElseThrow(), "canonical form is stable");
        assertEquals(
                header(file, "server").startsWith("accepts"),
                judge(SERVER, file).violations().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("bad")
    void isRefusedWithTheRightWords(Path file) throws IOException {
        Verdict verdict = judge(FILES, file);
        assertTrue(verdict.canonical().isEmpty());
        String path = header(file, "path");
        String says = header(file, "says");
        assertTrue(
                verdict.violations().stream()
                        .anyMatch(v ->
                                v.path().toString().equals(path) && v.message().contains(says)),
                verdict.violations().toString());
        assertEquals(1, verdict.violations().size(), verdict.violations().toString());
    }

    /** What only files refuse is exactly what an API server cannot know or makes up itself. */
    @ParameterizedTest
    @MethodSource("bad")
    void theServersJudgementIsAsNoted(Path file) throws IOException {
        boolean refused = !judge(SERVER, file).violations().isEmpty();
        boolean makesUpNames = file.endsWith("generate-name.yaml");
        assertEquals(header(file, "server").startsWith("refuses"), refused && !makesUpNames);
    }

    @Test
    void corpusIsLarge() throws IOException {
        assertTrue(good().count() >= 40);
        assertTrue(bad().count() >= 100);
    }

    private static Verdict judge(ObjectValidator validator, Path file) throws IOException {
        ObjectNode old = null;
        Verdict verdict = null;
        try (JsonParser parser = YAML.getFactory().createParser(file.toFile())) {
            while (parser.nextToken() != null) {
                if (verdict != null) {
                    old = verdict.canonical().orElseThrow();
                }
                verdict = validator.judge(YAML.<JsonNode>readTree(parser), old);
            }
        }
        if (verdict == null) {
            throw new AssertionError("no document in " + file);
        }
        return verdict;
    }

    private static String header(Path file, String key) throws IOException {
        String start = "# " + key + ":";
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(start))
                .map(line -> line.substring(start.length()).trim())
                .findFirst()
                .orElseThrow();
    }
}
