package dev.veneer.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code veneer gc} as a person meets it. */
class GcCommandTest {
    private final FakeNode node = new FakeNode();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private int run(String... arguments) {
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        Terminal terminal = Terminal.of(stream, stream, "", Map.of());
        return Veneer.commandLine(terminal, node.commands()).execute(arguments);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void gcSaysWhatKeepsAThing() {
        node.items.add(new GcCommand.Item("baseimage/debian", false, 1 << 20, false, "used by default/web"));
        node.items.add(new GcCommand.Item("baseimage/old", true, 2 << 20, false, "unreferenced for 25h"));
        assertEquals(0, run("gc", "--dry-run"));
        assertTrue(out().contains("baseimage/debian   keep           1.0Mi   used by default/web\n"), out());
        assertTrue(out().contains("baseimage/old      would remove   2.0Mi   unreferenced for 25h\n"), out());
    }

    @Test
    void orphansGoOnlyWhenThatIsConfirmed() {
        node.items.add(new GcCommand.Item("orphan/default/web", true, 1 << 20, false, "declared last by cluster-a"));
        for (String[] telling :
                new String[][] {{"gc", "--orphans"}, {"gc", "--orphans", "--dry-run"}, {"gc", "--orphans", "--all"}}) {
            out.reset();
            assertEquals(0, run(telling));
            assertTrue(node.asked.get(node.asked.size() - 1).endsWith("gc orphans"), node.asked.toString());
            assertTrue(out().contains("would remove"), out());
            assertTrue(out().contains("Nothing was removed; --all --confirm removes"), out());
        }
        out.reset();
        assertEquals(0, run("gc", "--orphans", "--all", "--confirm"));
        assertTrue(node.asked.get(node.asked.size() - 1).endsWith("gc orphans remove"), node.asked.toString());
        assertTrue(out().contains("orphan/default/web   removed"), out());
        assertEquals(64, run("gc", "--confirm"));
        assertEquals(64, run("gc", "--orphans", "--all", "--confirm", "--dry-run"));
        node.items.clear();
        out.reset();
        assertEquals(0, run("gc", "--orphans"));
        assertEquals("There are no orphans.\n", out());
    }

    /** As in {@code veneer gc --orphans $NAMES --confirm} with a variable that is empty. */
    @Test
    void allGoOnlyWhenThatIsSaid() {
        node.items.add(new GcCommand.Item("orphan/default/web", true, 1 << 20, false, "declared last by cluster-a"));
        assertEquals(64, run("gc", "--orphans", "--confirm"));
        assertTrue(out().contains("or say --all to remove all orphans"), out());
        for (String[] wrong : new String[][] {
            {"gc", "--orphans", "--confirm", "-o", "json"},
            {"gc", "--orphans", "--confirm", "--"},
            {"gc", "--orphans", "--confirm", ""},
            {"gc", "--orphans", "--all", "lab/db", "--confirm"},
            {"gc", "--orphans", "--all", "lab/db"},
            {"gc", "--all", "--confirm"},
            {"gc", "--all"}
        }) {
            assertEquals(64, run(wrong), String.join(" ", wrong));
        }
        assertEquals(0, node.asked.size(), node.asked.toString());
    }

    @Test
    void onlyWhatIsNamedGoes() {
        node.items.add(new GcCommand.Item("retained/lab/db", true, -1, false, "kept by deletionPolicy Retain"));
        assertEquals(0, run("gc", "--orphans", "lab/db", "default/web", "lab/db", "--confirm"));
        assertTrue(
                node.asked.get(node.asked.size() - 1).endsWith("gc orphans [default/web, lab/db] remove"),
                node.asked.toString());
        assertEquals(0, run("gc", "--orphans", "--dry-run", "lab/db"));
        assertTrue(out().contains("Nothing was removed; --confirm removes"), out());
        assertTrue(node.asked.get(node.asked.size() - 1).endsWith("gc orphans [lab/db]"), node.asked.toString());
        int asked = node.asked.size();
        for (String wrong : new String[] {
            "",
            "web",
            "/",
            "default/",
            "/web",
            "orphan/default/web",
            "default/web/",
            "../web",
            "default/..",
            "Default/web",
            "default/we b",
            "default/web\n",
            "default/\u001b[2J",
            "default/*",
            "default/" + "x".repeat(64)
        }) {
            out.reset();
            assertEquals(64, run("gc", "--orphans", "--confirm", "lab/db", wrong), wrong);
            assertTrue(out().contains("is not NAMESPACE/NAME"), out());
            assertTrue(out().indexOf('\u001b') < 0, out());
        }
        assertEquals(64, run("gc", "lab/db"));
        assertEquals(64, run("gc", "--dry-run", "lab/db"));
        assertEquals(asked, node.asked.size());
    }

    @Test
    void gcFailsWhenSomethingCouldNotGo() throws IOException {
        node.items.add(new GcCommand.Item("base/old", false, 5, true, "in use"));
        assertEquals(1, run("gc", "-o", "json"));
        assertTrue(Json.MAPPER.readTree(out()).at("/items/0/failed").asBoolean(), out());
    }
}
