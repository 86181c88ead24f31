package dev.veneer.node.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands as a person or a script meets them: what they print, where, and their exit status. */
class CommandLineTest {
    private final FakeNode node = new FakeNode();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... arguments) {
        return runOn("", Map.of(), arguments);
    }

    private int runOn(String terminals, Map<String, String> environment, String... arguments) {
        PrintStream outStream = new PrintStream(out, false, StandardCharsets.UTF_8);
        PrintStream errStream = new PrintStream(err, true, StandardCharsets.UTF_8);
        Terminal terminal = Terminal.of(outStream, errStream, terminals, environment);
        int status = Veneer.commandLine(terminal, node.commands()).execute(arguments);
        outStream.flush();
        return status;
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private ObjectNode sliver(String namespace, String name) throws IOException {
        JsonNode object = Json.MAPPER.readTree(
                """
                {"apiVersion": "veneer.dev/v1alpha1", "kind": "Sliver",
                 "metadata": {"name": "%s", "namespace": "%s", "creationTimestamp": "%s"},
                 "spec": {"nodeName": "n1", "baseImage": "debian", "desiredState": "Started"},
                 "status": {"driver": "overlay", "rootfs": "/r/x", "revision": 3,
                   "usage": {"exclusiveBytes": 1536},
                   "history": [{"revision": 2, "reason": "NewInstance"}],
                   "conditions": [{"type": "Ready", "status": "True", "reason": "Succeeded", "message": "runs",
                                   "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}
                """
                        .formatted(name, namespace, Instant.now().minusSeconds(60)));
        node.objects.add((ObjectNode) object);
        return (ObjectNode) object;
    }

    @Test
    void aKindAndANameMayBeOneArgument() {
        assertArrayEquals(
                new String[] {"get", "sliver", "web", "-o", "json"}, Veneer.apart("get", "sliver/web", "-o", "json"));
        assertArrayEquals(new String[] {"describe", "bimg", ""}, Veneer.apart("describe", "bimg/"));
        for (String[] other :
                new String[][] {{}, {"get"}, {"get", "slivers"}, {"get", "x/web"}, {"apply", "slivers/web"}}) {
            assertArrayEquals(other, Veneer.apart(other));
        }
    }

    @Test
    void goesBackToANumberOrToWhatWasBefore() {
        assertEquals(0, run("rollback", "sliver", "web"));
        assertEquals(0, run("rollback", "slv", "web", "--to", "3", "-n", "lab"));
        assertTrue(node.asked.get(0).endsWith(" rollback default/web"), node.asked.toString());
        assertTrue(node.asked.get(1).endsWith(" rollback lab/web to 3"), node.asked.toString());
        node.outcome = Outcome.WAITING;
        assertEquals(4, run("rollback", "sliver", "web"));
        int asked = node.asked.size();
        for (String[] wrong : new String[][] {
            {"rollback"},
            {"rollback", "sliver"},
            {"rollback", "nodestore", "main"},
            {"rollback", "sliver", "web", "--to", "0"},
            {"rollback", "sliver", "web", "--to", "-1"},
            {"rollback", "sliver", "web", "--to", "three"},
            {"rollback", "sliver", "web", "--to", "2147483648"},
            {"rollback", "sliver", "web", "--to"},
        }) {
            assertEquals(64, run(wrong), String.join(" ", wrong));
        }
        assertEquals(asked, node.asked.size());
    }

    @Test
    void printsTheTableOfOneNamespace() throws IOException {
        sliver("default", "web");
        sliver("lab", "db");
        assertEquals(0, run("get", "slivers"));
        List<String> lines = out().lines().toList();
        assertEquals("NAME   NODE   BASE     DESIRED   READY   REASON      USED    AGE", lines.get(0));
        assertTrue(
                lines.get(1).matches("web    n1     debian   Started   True    Succeeded   1\\.5Ki   6[0-9]s"), out());
        assertEquals(2, lines.size());
        assertEquals("", err());
    }

    @Test
    void printsTheNamespaceWithAll() throws IOException {
        sliver("default", "web");
        sliver("lab", "db");
        assertEquals(0, run("get", "slv", "-A", "-o", "wide"));
        assertTrue(out().startsWith("NAMESPACE   NAME   NODE   BASE"), out());
        assertTrue(out().contains("ROOTFS"), out());
        assertTrue(out().contains("\nlab         db "), out());
    }

    @Test
    void oneNameIsTheObjectAndAKindIsAList() throws IOException {
        sliver("default", "web");
        assertEquals(0, run("get", "sliver", "web", "-o", "json"));
        assertEquals("web", Json.MAPPER.readTree(out()).at("/metadata/name").asText());
        out.reset();
        assertEquals(0, run("get", "slivers", "-o", "json"));
        JsonNode list = Json.MAPPER.readTree(out());
        assertEquals("List", list.path("kind").asText());
        assertEquals("web", list.at("/items/0/metadata/name").asText());
        out.reset();
        assertEquals(0, run("get", "slivers", "-o", "yaml"));
        assertTrue(out().contains("kind: List"), out());
        out.reset();
        assertEquals(0, run("get", "slivers", "-o", "name"));
        assertEquals("sliver.veneer.dev/web\n", out());
    }

    @Test
    void jsonIsIndentedAsKubectlDoesIt() throws IOException {
        sliver("default", "web");
        run("get", "sliver", "web", "-o", "json");
        assertTrue(
                out().startsWith("{\n    \"apiVersion\": \"veneer.dev/v1alpha1\",\n    \"kind\": \"Sliver\",\n"),
                out());
        assertTrue(out().contains("    \"metadata\": {\n        \"name\": \"web\""), out());
    }

    @Test
    void anEmptyKindIsAnEmptyListForPrograms() throws IOException {
        assertEquals(0, run("get", "slivers", "-o", "json"));
        assertEquals(0, Json.MAPPER.readTree(out()).path("items").size());
        assertEquals("", err());
        out.reset();
        assertEquals(0, run("get", "slivers"));
        assertEquals("", out());
        assertEquals("No resources found in default namespace.\n", err());
    }

    @Test
    void aMissingNameFails() throws IOException {
        sliver("lab", "web");
        assertEquals(1, run("get", "sliver", "web"));
        assertEquals("veneer: there is no sliver 'web' in namespace default\n", err());
        assertEquals(1, run("get", "sliver", "web", "-o", "json"));
        assertEquals("", out());
        assertEquals(1, run("describe", "sliver", "web"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "slivers",
                "sliver",
                "slv",
                "Sliver",
                "SLIVERS",
                "slivers.veneer.dev",
                "baseimages",
                "baseimage",
                "bimg",
                "BaseImage",
                "nodestores",
                "nodestore",
                "nst"
            })
    void kindsHaveManyNames(String name) {
        assertEquals(0, run("get", name));
    }

    @Test
    void anUnknownKindNamesTheKnownOnes() {
        assertEquals(64, run("get", "slices"));
        assertTrue(err().contains("there is no kind 'slices'; there are slivers, baseimages, nodestores"), err());
    }

    @Test
    void describesConditionsAndEvents() throws IOException {
        sliver("default", "web");
        Instant now = Instant.now();
        node.events.add(new ObjectReader.Event(
                now.minusSeconds(90), now.minusSeconds(90), 1, true, "Remounted", "the mount was gone"));
        node.events.add(new ObjectReader.Event(
                now.minusSeconds(60), now.minusSeconds(3600), 12, true, "MountFailed", "no such device"));
        assertEquals(0, run("describe", "sliver", "web"));
        assertTrue(out().contains("Name:        web\n"), out());
        assertTrue(out().contains("Base Image:  debian"), out());
        assertTrue(out().contains("Exclusive Bytes:  1.5Ki"), out());
        assertTrue(out().matches("(?s).*  Ready   True     Succeeded   .*   runs\n.*"), out());
        assertFalse(out().contains("History:"), "the same once more: " + out());
        assertTrue(out().matches("(?s).*  Warning   Remounted +9[0-9]s  +the mount was gone\n.*"), out());
        assertTrue(out().matches("(?s).*  Warning   MountFailed   6[0-9]s \\(x12 over 60m\\) .*"), out());
    }

    @Test
    void theStoreComesFromTheOptionOrIsTheUsualOne() {
        run("doctor", "--store", "/srv/a/../b");
        run("doctor");
        assertEquals("/srv/b doctor", node.asked.get(0));
        String usual = System.getenv("VENEER_STORE");
        assertEquals((usual == null ? "/var/lib/veneer" : usual) + " doctor", node.asked.get(1));
    }

    @Test
    void planTellsOfChangesOnlyWhenAsked() {
        node.planned = new PlanCommand.Planned("+ mount", Json.MAPPER.createObjectNode(), false, Outcome.DONE);
        assertEquals(0, run("plan", "-f", "x"));
        assertEquals("+ mount\n", out());
        assertEquals(2, run("plan", "-f", "x", "--exit-code"));
        node.planned = new PlanCommand.Planned("held", Json.MAPPER.createObjectNode(), false, Outcome.HELD);
        assertEquals(3, run("plan", "-f", "x", "--exit-code"));
    }

    @ParameterizedTest
    @CsvSource({"DONE,0", "SOME_FAILED,1", "HELD,3", "WAITING,4", "LOCKED,75"})
    void theOutcomeIsTheExitStatus(Outcome outcome, int status) {
        node.outcome = outcome;
        assertEquals(status, run("apply", "-f", "x"));
        node.failure = new CommandException(outcome, "because");
        assertEquals(status, run("apply", "-f", "x"));
        assertTrue(err().contains("veneer: because\n"), err());
    }

    @Test
    void applyPassesWhatMayFollowFromAbsence() {
        run("apply", "-f", "a", "-f", "b/", "-f", "-", "--prune", "--allow-shrink", "--take-over", "--store", "/s");
        assertEquals(List.of("/s apply [a, b/, -] prune allow-shrink take-over"), node.asked);
    }

    @ParameterizedTest
    @CsvSource({"WAIT,InUse,4", "RETRY,Failed,1", "STALLED,SourceHeld,3", "STALLED,Damaged,1"})
    void aFailureOfTheNodeDecides(Follow follow, Reason reason, int status) {
        node.failure = new NodeException(reason, follow, "the disk is on fire\u001b[2J");
        assertEquals(status, run("doctor"));
        assertEquals("veneer: the disk is on fire\\x1b[2J\n", err());
        assertEquals("", out());
    }

    @Test
    void aStoreWithoutANameIsNotTheWorkingDirectory() {
        assertEquals(64, run("get", "slivers", "--store", ""));
        assertTrue(err().startsWith("veneer: --store (or $VENEER_STORE) is empty"), err());
        assertEquals(64, run("gc", "--store", "/srv/\ufffd"));
        assertTrue(err().contains("veneer: --store is not UTF-8"), err());
        assertEquals(List.of(), node.asked);
    }

    @ParameterizedTest
    @CsvSource({"No space left on device,1", "Broken pipe,0"})
    void aResultThatCannotBeWrittenIsAFailureUnlessNobodyReadsAnyMore(String cause, int status) throws IOException {
        sliver("default", "web");
        OutputStream full = new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException(cause);
            }
        };
        PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
        Terminal terminal = Terminal.of(ResultStream.to(full), errors, "", Map.of());
        assertEquals(status, Veneer.run(terminal, node.commands(), "get", "slivers"));
        assertEquals(status == 0 ? "" : "veneer: the result cannot be written: " + cause + "\n", err());
    }

    @Test
    void unknownWordsAreCalledWhatTheyWereTakenFor() {
        assertEquals(64, run("frobnicate"));
        assertTrue(err().startsWith("veneer: there is no command 'frobnicate'; there are plan, apply, "), err());
        err.reset();
        assertEquals(64, run("describe", "sliver", "web", "db"));
        assertTrue(err().startsWith("veneer: 'db' is one argument too many\n"), err());
    }

    @Test
    void stackTracesAreForDebugging() {
        node.failure = new IllegalStateException("oops");
        assertEquals(1, run("doctor"));
        assertFalse(err().contains("\tat "), err());
        assertTrue(err().contains("--debug"), err());
        assertEquals(1, run("doctor", "--debug"));
        assertTrue(err().contains("\tat "), err());
    }

    @Test
    void misuseIsOneComplaintAndTheSynopsis() {
        assertEquals(64, run("apply"));
        assertTrue(err().startsWith("veneer: missing required option: '--filename=PATH'\nUsage: veneer apply "), err());
        assertEquals(64, run());
        assertEquals(64, run("get", "slivers", "web", "-A"));
        assertEquals(64, run("get", "slivers", "-o", "xml"));
        assertEquals(64, run("appyl", "-f", "x"));
        assertTrue(err().contains("veneer apply"), err());
        assertEquals(64, run("agent", "-f", "x", "--resync", "soon"));
        assertEquals(64, run("agent", "-f", "x", "--resync", "0s"));
        assertEquals(64, run("agent", "-f", "x", "--metrics-address", "99999"));
        assertEquals(64, run("agent", "-f", "x", "--metrics-token-file", "token"));
        assertEquals(64, run("agent", "-f", "x", "--log-level", "loud"));
        assertEquals(64, run("store"));
        assertEquals(64, run("logs", "web", "--tail", "-1"));
        assertEquals(List.of(), node.asked);
    }

    @Test
    void execEndsWithTheCommandsStatus() {
        node.containerStatus = 42;
        assertEquals(42, run("exec", "web", "-n", "lab", "--store", "/s", "--", "sh", "-c", "exit 42"));
        assertEquals(List.of("/s exec lab/web [sh, -c, exit 42]"), node.asked);
        assertEquals(64, run("exec", "web"));
    }

    @Test
    void logsAndConsole() {
        assertEquals(0, run("logs", "web", "--tail", "5", "--follow", "--store", "/s"));
        assertEquals(0, run("console", "web", "--store", "/s"));
        assertEquals(List.of("/s logs default/web 5 true", "/s console default/web"), node.asked);
    }

    @Test
    void diffShowsChangesAndEscapesNames() throws IOException {
        node.changes.add(
                DiffCommand.Change.of(DiffCommand.Mark.A, bytes("/etc/\u001b[31mred"), "file", null, 10L, List.of()));
        node.changes.add(DiffCommand.Change.of(
                DiffCommand.Mark.M, bytes("/etc/motd"), "file", 5L, 2048L, List.of("content", "mode")));
        node.changes.add(DiffCommand.Change.of(
                DiffCommand.Mark.D, new byte[] {'/', (byte) 0xff}, "symlink", null, null, List.of()));
        assertEquals(0, run("diff", "sliver", "web"));
        assertEquals(
                "A  /etc/\\x1b[31mred  10\nM  /etc/motd  5 -> 2.0Ki  content, mode\nD  /\\xff  (symlink)\n", out());
        out.reset();
        assertEquals(0, run("diff", "sliver", "web", "-o", "json"));
        JsonNode json = Json.MAPPER.readTree(out());
        assertEquals("/etc/\u001b[31mred", json.at("/changes/0/path").asText());
        assertEquals(5, json.at("/changes/1/baseBytes").asInt());
        assertEquals("L/8=", json.at("/changes/2/pathBase64").asText());
        assertEquals(64, run("diff", "baseimage", "debian"));
    }

    @Test
    void exportTellsWhatWasWrittenWhere() throws IOException {
        assertEquals(0, run("export", "sliver", "web", "-n", "team", "--to", "/srv/x/../out", "--store", "/s"));
        assertEquals(List.of("/s export team/web as IMAGE to /srv/out"), node.asked);
        assertEquals(
                "Exported sliver team/web to /srv/out: image sha256:abc, 3.0Mi, 12 paths. Left out: 1 socket.\n",
                out());
        out.reset();
        assertEquals(0, run("export", "slv", "web", "--to", "/srv/out", "--format", "layer", "-o", "json"));
        JsonNode json = Json.MAPPER.readTree(out());
        assertEquals("sha256:abc", json.get("digest").asText());
        assertEquals(3 << 20, json.get("bytes").asInt());
        assertEquals(12, json.get("paths").asInt());
        assertEquals("layer", json.get("format").asText());
        assertEquals("/srv/out", json.get("directory").asText());
        assertEquals(1, json.get("socketsLeftOut").asInt());
    }

    @Test
    void exportRefusesWhatItCannotMean() {
        node.asked.clear();
        for (String[] wrong : new String[][] {
            {"export", "sliver", "web"},
            {"export", "sliver", "--to", "/x"},
            {"export", "baseimage", "web", "--to", "/x"},
            {"export", "pod", "web", "--to", "/x"},
            {"export", "sliver", "web", "--to", ""},
            {"export", "sliver", "web", "--to", "/"},
            {"export", "sliver", "web", "--to", "/x", "--format", "zip"},
            {"export", "sliver", "web", "--to", "/\ufffd"},
            {"export", "sliver", "web", "more", "--to", "/x"}
        }) {
            assertEquals(64, run(wrong), () -> String.join(" ", wrong));
        }
        assertEquals(List.of(), node.asked);
        node.failure = new NodeException(Reason.InUse, Follow.WAIT, "sliver default/web runs");
        assertEquals(4, run("export", "sliver", "web", "--to", "/x"));
        node.failure = new NodeException(Reason.ContentRefused, Follow.STALLED, "a/.wh.b");
        assertEquals(1, run("export", "sliver", "web", "--to", "/x"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void doctorFailsWhenNoDriverWorks() throws IOException {
        node.drivers.add(new DoctorCommand.Finding("overlay", false, "mount: EPERM", "run as root"));
        assertEquals(1, run("doctor"));
        assertTrue(out().contains("  no  overlay: mount: EPERM\n        to mend it: run as root\n"), out());
        node.drivers.add(new DoctorCommand.Finding("copy", true, "made a copy", ""));
        out.reset();
        assertEquals(0, run("doctor", "-o", "json"));
        JsonNode json = Json.MAPPER.readTree(out());
        assertEquals("overlay", json.at("/drivers/0/name").asText());
        assertFalse(json.at("/drivers/0/available").asBoolean(true));
        assertTrue(json.at("/drivers/1/available").asBoolean());
    }

    @Test
    void storeCheckFailsOnDamage() throws IOException {
        assertEquals(0, run("store", "check", "--store", "/s"));
        assertEquals("No damage found in /s.\n", out());
        node.damages.add(
                new StoreCommand.Damage("RecordLost", "slivers/default/web", "no record", "veneer apply", false));
        out.reset();
        assertEquals(1, run("store", "check", "--contents", "-o", "json"));
        assertEquals(
                "RecordLost", Json.MAPPER.readTree(out()).at("/damages/0/what").asText());
        assertEquals(0, run("store", "rebuild-index"));
        assertEquals(0, run("store", "check", "--repair"));
        assertTrue(err().contains("repaired: WrongMode"), err());
    }

    @Test
    void coloursAreForTerminalsThatWantThem() {
        node.changes.add(DiffCommand.Change.of(DiffCommand.Mark.A, bytes("/a"), "file", null, 1L, List.of()));
        runOn("", Map.of(), "diff", "sliver", "web");
        assertEquals("A  /a  1\n", out());
        out.reset();
        runOn("out,err", Map.of("TERM", "xterm"), "diff", "sliver", "web");
        assertEquals("\u001b[32mA\u001b[0m  /a  1\n", out());
        out.reset();
        runOn("out,err", Map.of("TERM", "xterm", "NO_COLOR", "1"), "diff", "sliver", "web");
        assertEquals("A  /a  1\n", out());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plan",
                "apply",
                "agent",
                "get",
                "describe",
                "diff",
                "exec",
                "console",
                "logs",
                "doctor",
                "store",
                "store check",
                "store rebuild-index",
                "gc"
            })
    void everyCommandHasHelpWithAnExampleAndTheStore(String command) {
        String[] words = (command + " --help").split(" ");
        assertEquals(0, run(words));
        assertTrue(out().startsWith("Usage: veneer " + command), out());
        assertTrue(out().contains("Examples:"), out());
        assertEquals(!command.equals("store"), out().contains("--store=DIR"), out());
        assertEquals("", err());
    }
}
