package dev.veneer.node.desired;

import static dev.veneer.node.desired.Readings.API;
import static dev.veneer.node.desired.Readings.errors;
import static dev.veneer.node.desired.Readings.image;
import static dev.veneer.node.desired.Readings.names;
import static dev.veneer.node.desired.Readings.ofBytes;
import static dev.veneer.node.desired.Readings.ofText;
import static dev.veneer.node.desired.Readings.sliver;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.model.Problem;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts that are wrong, cut short, huge or meant to do harm: each is told with its place, and none harms the others. */
class HostileTextTest {
    @Test
    void anErrorCarriesFileLineColumnFieldAndWhatWouldBeRight() {
        Reading reading =
                ofText("# two documents\n---\n" + image("a") + "---\n" + sliver("b", "lxc:", "  memroy: 1Gi"));
        Problem problem = errors(reading).get(0);
        assertEquals("standard input:19:5", problem.where());
        assertEquals("Sliver", problem.kind());
        assertEquals("default/b", problem.object());
        assertEquals("spec.lxc.memroy", problem.field());
        assertEquals("unknown field \"memroy\"; did you mean \"memory\"?", problem.message());
        assertEquals(List.of("baseimage a", "sliver default/b"), names(reading));
    }

    @Test
    void oneBrokenDocumentDoesNotHideTheOthers() {
        Reading reading = ofText(image("a") + "---\nkind: [unclosed\n---\n" + image("c"));
        assertEquals(List.of("baseimage a", "baseimage c"), names(reading));
        Problem problem = errors(reading).get(0);
        assertEquals(null, problem.object());
        assertTrue(problem.where().startsWith("standard input:11:"), problem.where());
        assertTrue(problem.message().contains("(begun in line 10)"), problem.message());
    }

    @Test
    void aDocumentThatIsCutShortIsToldAsSuch() {
        assertMessage(
                "not YAML: while scanning a quoted scalar (begun in line 1): found unexpected end of stream; is the file cut short?",
                ofText("kind: \"Sliv"));
        assertMessage("not JSON; is the file cut short?", json("{\"kind\": \"Sliver\", \"metadata\": {"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "\n", "# only\n# comments\n", "---\n---\n", "~\n", "--- # nothing\n", "%YAML 1.2\n---\n"})
    void nothingIsNoObjectAndANotice(String text) {
        Reading reading = ofText(text);
        assertEquals(List.of(), errors(reading));
        assertEquals("holds no object", reading.problems().get(0).message());
    }

    @Test
    void windowsLineEndsAndByteOrderMarksAreReadAsUsual() {
        Reading reading =
                ofText("\ufeff" + (image("a") + "---\n" + sliver("b", "driver: overlya")).replace("\n", "\r\n"));
        assertEquals(List.of("baseimage a", "sliver default/b"), names(reading));
        assertEquals("standard input:16:3", errors(reading).get(0).where());
    }

    @Test
    void tabsAreNamed() {
        assertMessage("a tab stands where YAML allows only spaces; indent with spaces", ofText("kind:\n\tname: x\n"));
    }

    @Test
    void jsonMayBeIndentedWithTabs() {
        Reading reading = ofText(
                "{\n\t\"apiVersion\": \"veneer.dev/v1alpha1\",\n\t\"kind\": \"BaseImage\","
                        + "\n\t\"metadata\": {\"name\": \"a\"},\n\t\"spec\": {\"source\": {\"directory\": {\"path\": \"x\"}}}\n}\n");
        assertEquals("standard input:5:36", errors(reading).get(0).where());
    }

    @Test
    void binaryAndOtherEncodingsAreNamed() {
        byte[] noise = new byte[4096];
        new Random(1).nextBytes(noise);
        noise[0] = 0x7f;
        assertEquals(1, errors(ofBytes(noise)).size());
        assertMessage("the file is binary, not YAML or JSON", ofBytes(new byte[] {'a', 0, 'b'}));
        assertMessage("the file is UTF-16; save it as UTF-8", ofBytes("a: b".getBytes(StandardCharsets.UTF_16)));
        Problem latin1 = errors(ofBytes("a: b\nc: gr\u00fc\u00df\n".getBytes(StandardCharsets.ISO_8859_1)))
                .get(0);
        assertEquals("standard input:2:6", latin1.where());
        assertEquals("the file is not UTF-8 from here on; save it as UTF-8", latin1.message());
        byte[] cut = "a: \u00fc".getBytes(StandardCharsets.UTF_8);
        assertEquals(
                1, errors(ofBytes(java.util.Arrays.copyOf(cut, cut.length - 1))).size());
    }

    @Test
    void aHugeFileIsRefusedWithoutBeingRead() {
        assertMessage("is larger than 16 MiB; split it", ofBytes(new byte[FileSource.LARGEST + 1]));
    }

    @Test
    void deepNestingIsRefused() {
        quickly(() -> assertMessage("values lie deeper than 64 levels", ofText("a: " + "[".repeat(100_000))));
        quickly(() -> assertMessage("too deep", json("[".repeat(100_000))));
        StringBuilder block = new StringBuilder();
        for (int i = 0; i < 2000; i++) {
            block.append(" ".repeat(i)).append("a:\n");
        }
        quickly(() -> assertMessage("values lie deeper than 64 levels", ofText(block.toString())));
    }

    @Test
    void aliasBombsAreRefused() {
        StringBuilder laughs = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 10; i++) {
            String alias = "*a" + (i - 1);
            laughs.append(
                    "a" + i + ": &a" + i + " [" + String.join(",", java.util.Collections.nCopies(9, alias)) + "]\n");
        }
        quickly(() -> assertMessage("more than 50 aliases", ofText(laughs.toString())));
        StringBuilder slow = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 8; i++) {
            String alias = "*a" + (i - 1);
            slow.append(
                    "a" + i + ": &a" + i + " [" + String.join(",", java.util.Collections.nCopies(7, alias)) + "]\n");
        }
        quickly(() -> assertMessage("aliases expand to more than", ofText(slow.toString())));
        quickly(() -> assertMessage("an alias contains itself", ofText("a: &a [*a]\n")));
    }

    @Test
    void tagsMakeNothing() {
        Reading reading = ofText(image("a").replace("name: a", "name: !!javax.script.ScriptEngineManager a"));
        assertMessage("is not allowed; write the value without it", reading);
        assertEquals(List.of("baseimage a"), names(reading));
        assertEquals(List.of(), errors(ofText(image("a").replace("name: a", "name: !!str a"))));
    }

    @Test
    void duplicateKeysBreakTheirObjectOnly() {
        Reading reading = ofText(sliver("a", "driver: copy", "driver: overlay") + "---\n" + image("b"));
        assertEquals(List.of("sliver default/a", "baseimage b"), names(reading));
        Problem problem = errors(reading).get(0);
        assertEquals("standard input:8:3", problem.where());
        assertEquals("the key \"driver\" is there twice, first in line 7; remove one", problem.message());
        assertEquals("default/a", problem.object());
    }

    @Test
    void duplicateKeysThatNameTheObjectLeaveItUnnamed() {
        Reading reading = ofText(image("a").replace("  name: a\n", "  name: a\n  name: b\n"));
        assertEquals(List.of(), names(reading));
        assertEquals(null, errors(reading).get(0).object());
        Reading json = json("{\"kind\": \"Sliver\", \"kind\": \"BaseImage\", \"metadata\": {\"name\": \"a\"}}");
        assertEquals(List.of(), names(json));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../etc/passwd", "/etc/passwd", "'..'", "a/b", "'a\0b'", "A", "a.b", "\"a\\nb\""})
    void namesThatArePathsNameNothing(String name) {
        Reading reading = ofText(sliver("NAME").replace("NAME", name.replace("\0", "\\0")));
        assertEquals(List.of(), names(reading));
        assertTrue(errors(reading).size() >= 1);
        assertEquals(null, errors(reading).get(0).object());
    }

    @Test
    void aNamespaceThatIsAPathNamesNothing() {
        Reading reading = ofText(sliver("a").replace("name: a", "name: a\n  namespace: ../x"));
        assertEquals(List.of(), names(reading));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "just text\n",
                "- a\n- b\n",
                "kind: Sliver\n",
                "metadata: {name: a}\n",
                "[]\n",
                "{}\n",
                "5\n",
                "? [a]\n: b\n"
            })
    void whatIsNoObjectIsUnnamed(String text) {
        Reading reading = ofText(text);
        assertEquals(List.of(), names(reading));
        assertTrue(errors(reading).size() >= 1);
        assertTrue(errors(reading).stream().allMatch(problem -> problem.object() == null));
    }

    @Test
    void objectsOfOthersAreNotGuessedAt() {
        Reading reading = ofText("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n");
        assertEquals(List.of(), names(reading));
        assertTrue(errors(reading).stream().anyMatch(problem -> problem.field().equals("kind")));
    }

    @Test
    void aListHoldsObjects() {
        Reading reading = ofText(
                """
                apiVersion: v1
                kind: List
                metadata: {resourceVersion: ''}
                items:
                - apiVersion: veneer.dev/v1alpha1
                  kind: BaseImage
                  metadata: {name: a}
                  spec: {source: {directory: {path: /a}}}
                - nonsense
                """);
        assertEquals(List.of("baseimage a"), names(reading));
        assertEquals("standard input:9:3", errors(reading).get(0).where());
    }

    @Test
    void hugeNumbersCostNothing() {
        quickly(() -> assertEquals(
                1,
                errors(ofText(sliver("a", "instanceSerial: " + "9".repeat(500_000))))
                        .size()));
        quickly(() -> assertEquals(
                1, errors(ofText(sliver("a", "instanceSerial: 1e999"))).size()));
        quickly(() -> assertEquals(
                1, errors(json("{\"a\": " + "9".repeat(5_000_000) + "}")).size()));
    }

    @Test
    void endlessLinesAndEndlessDocumentsAreCutOff() {
        quickly(() -> assertMessage("characters; break it up", ofText("a: " + "x".repeat(10 << 20))));
        quickly(() -> assertMessage("characters; break it up", ofText("a: \"" + "x ".repeat(5 << 20) + "\"")));
        quickly(() -> assertTrue(errors(ofText("---\na\n".repeat(2 << 20))).size() < 2000));
        quickly(() -> assertTrue(errors(ofText("---\n{\n".repeat(2 << 20))).size() < 2000));
        quickly(() -> assertTrue(errors(json("{}\n".repeat(4 << 20))).size() < 300_000));
    }

    @Test
    void anchorsAndMergesAreReadAsKubectlReadsThem() {
        Reading reading =
                ofText(API + "kind: Sliver\nmetadata:\n  name: a\n  labels: &l\n    x: z\nspec:\n  baseImage: b\n"
                        + "  lxc:\n    environment:\n    - &e {name: A, value: b}\n    - <<: *e\n      name: B\n");
        assertEquals(List.of(), errors(reading));
        ReadObject.OfSliver sliver =
                (ReadObject.OfSliver) reading.objects().get(0).content();
        assertEquals(java.util.Map.of("A", "b", "B", "b"), sliver.sliver().lxc().environment());
    }

    @Test
    void timesOfDayAreTexts() {
        Reading reading = ofText(sliver(
                "a", "update:", "  windows:", "  - {from: 22:30, to: 23:00}", "expiresAt: 2030-01-01T00:00:00Z"));
        assertEquals(List.of(), errors(reading));
    }

    /** Whatever the bytes are, reading ends with objects or problems, never with an exception. */
    @Test
    void mutatedFilesNeverThrow() {
        byte[] good = (image("a") + "---\n" + sliver("b", "lxc: {memory: 1Gi, environment: [{name: A, value: b}]}")
                        + "---\n{\"kind\": \"List\", \"apiVersion\": \"v1\", \"items\": []}\n")
                .getBytes(StandardCharsets.UTF_8);
        Random random = new Random(42);
        byte[] interesting = "{}[]:,-#&*!|>'\"%@`~\t\n\r \0\u007f".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 1000; i++) {
            byte[] bytes = good.clone();
            for (int n = random.nextInt(4) + 1; n > 0; n--) {
                bytes[random.nextInt(bytes.length)] = random.nextBoolean()
                        ? interesting[random.nextInt(interesting.length)]
                        : (byte) random.nextInt(256);
            }
            Reading reading = ofBytes(java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length) + 1));
            assertTrue(reading.objects().size() <= 3);
        }
    }

    private static Reading json(String text) {
        DocumentReader.Contents contents =
                DocumentReader.read(Readings.NODE.validator(), "x.json", text.getBytes(StandardCharsets.UTF_8), true);
        return new Reading("x", true, contents.objects(), contents.problems());
    }

    private static void assertMessage(String part, Reading reading) {
        assertTrue(
                errors(reading).stream().anyMatch(problem -> problem.message().contains(part)),
                errors(reading).toString());
    }

    private static void quickly(org.junit.jupiter.api.function.Executable work) {
        assertTimeoutPreemptively(Duration.ofSeconds(10), work);
    }
}
