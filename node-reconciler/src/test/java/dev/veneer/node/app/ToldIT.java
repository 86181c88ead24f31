package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.node.testkit.LoopDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the commands tell of holds, refusals and stores that are not there. */
class ToldIT {
    private NodeOnLoop node;
    private String archive;

    @BeforeEach
    void node() throws IOException {
        node = new NodeOnLoop(LoopDevice.Kind.EXT4);
        archive = node.archive("base", "etc/hostname", "base");
    }

    @AfterEach
    void close() {
        node.close();
    }

    private void declare(String... slivers) throws IOException {
        node.write("base.yaml", NodeOnLoop.image("base", archive));
        for (String name : slivers) {
            node.write(name + ".yaml", NodeOnLoop.sliver(name));
        }
    }

    private JsonNode got(String kind, String name) throws IOException {
        return AgentSocket.JSON.readTree(
                node.run("get", kind, name, "-o", "json").text());
    }

    private static String condition(JsonNode object, String type) {
        for (JsonNode condition : object.at("/status/conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText() + " "
                        + condition.path("reason").asText();
            }
        }
        return "none";
    }

    @Test
    void aHeldSourceIsToldByGetAndByThePlan() throws IOException {
        declare("a", "b", "c");
        assertEquals(0, node.apply().status());
        for (String name : new String[] {"a", "b", "c"}) {
            Files.delete(node.files.resolve(name + ".yaml"));
        }
        assertEquals(3, node.apply().status());
        assertEquals("False SourceHeld", condition(got("sliver", "a"), "DesiredStateFresh"));
        assertEquals("True Succeeded", condition(got("sliver", "a"), "Ready"));
        NodeOnLoop.Said plan = node.run("plan", "-f", node.files.toString(), "-o", "json");
        assertEquals(3, plan.status());
        String held = AgentSocket.JSON.readTree(plan.text()).path("held").asText();
        assertTrue(held.startsWith("the source lost 3 of 4 objects at once"), held);
    }

    @Test
    void whatIsNotAsDeclaredIsNotSaidToBe() throws IOException {
        declare("a");
        assertEquals(0, node.apply().status());
        node.write("a.yaml", NodeOnLoop.sliver("a", "driver: copy"));
        NodeOnLoop.Said said = node.apply();
        assertEquals(1, said.status(), said.text());
        assertTrue(said.text().contains("spec.driver cannot be changed from overlay to copy"), said.text());
        assertTrue(said.text().endsWith("Nothing to do. Not as declared: 1.\n"), said.text());
    }

    @Test
    void anImageThatIsDeclaredWronglyIsNotSaidToBeMissing() throws IOException {
        node.write("base.yaml", NodeOnLoop.image("base", "ftp://example.org/x"));
        node.write("a.yaml", NodeOnLoop.sliver("a"));
        NodeOnLoop.Said said = node.apply();
        assertEquals(1, said.status(), said.text());
        assertTrue(said.text().contains("BaseImage base is declared wrongly; correct it"), said.text());
    }

    @Test
    void getTellsWhoKeepsAnImageThatIsNoLongerDeclared() throws IOException {
        declare("a");
        assertEquals(0, node.apply().status());
        Files.delete(node.files.resolve("base.yaml"));
        node.apply();
        JsonNode blockedBy = got("baseimage", "base").at("/status/blockedBy");
        assertEquals(1, blockedBy.path("count").asInt());
        assertEquals("default/a", blockedBy.at("/first/0").asText());
    }

    /** The index is the only place that still knows what a lost record said: a repair must not begin with it. */
    @Test
    void repairBringsALostRecordBackBeforeItTouchesTheIndex() throws Exception {
        declare("a", "b");
        assertEquals(0, node.apply().status());
        // Only records that have been left alone for a moment go into the index.
        Thread.sleep(100);
        assertEquals(0, node.apply().status());
        Path record = node.store.resolve("slivers/default/a/record.json");
        byte[] content = Files.readAllBytes(record);
        Files.delete(record);
        assertEquals(1, node.run("store", "check").status());
        NodeOnLoop.Said repaired = node.run("store", "check", "--repair");
        assertEquals(0, repaired.status(), repaired.text());
        assertTrue(repaired.text().contains("the record of sliver default/a was lost and is back"), repaired.text());
        assertArrayEquals(content, Files.readAllBytes(record));
        assertEquals(0, node.apply().status());
    }

    /** A NodeStore that --store made is as old as the store. */
    @Test
    void aStoreThatNobodyDeclaredHasAnAge() throws IOException {
        Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        declare();
        assertEquals(0, node.apply().status());
        assertEquals(0, node.apply().status(), "a later pass makes it no younger");
        NodeOnLoop.Said said = node.run("get", "nodestores");
        assertFalse(said.text().contains("<unknown>"), said.text());
        String name = AgentSocket.JSON
                .readTree(node.run("get", "nodestores", "-o", "json").text())
                .at("/items/0/metadata/name")
                .asText();
        Instant made = Instant.parse(
                got("nodestore", name).at("/metadata/creationTimestamp").asText());
        assertFalse(made.isBefore(before) || made.isAfter(Instant.now()), made + " after " + before);
        assertTrue(
                node.run("describe", "nodestore", name).text().contains(made.toString()),
                node.run("describe", "nodestore", name).text());
    }

    @Test
    void onlyApplyMakesAStore() {
        for (String[] command : new String[][] {
            {"gc"}, {"gc", "--dry-run"}, {"store", "check"}, {"store", "rebuild-index"}, {"get", "slivers"}, {"doctor"}
        }) {
            NodeOnLoop.Said said = node.run(command);
            assertFalse(Files.exists(node.store), String.join(" ", command));
            if (!command[0].equals("doctor")) {
                assertEquals(1, said.status(), said.text());
                assertTrue(said.text().contains("there is no store at " + node.store), said.text());
            }
        }
    }

    @Test
    void aPlanRefusesTheForeignDirectoryThatApplyRefuses() throws IOException {
        declare("a");
        Files.createDirectories(node.store);
        assertEquals(0, node.run("plan", "-f", node.files.toString()).status());
        Files.writeString(node.store.resolve("mine"), "mine");
        for (String command : new String[] {"plan", "apply"}) {
            NodeOnLoop.Said said = node.run(command, "-f", node.files.toString());
            assertEquals(1, said.status(), said.text());
            assertTrue(said.text().contains(node.store + " is not a store and not empty"), said.text());
        }
    }
}
