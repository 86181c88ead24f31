package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Kept revisions that a process still works in stay, whatever they were to go for. */
class KeptInUseIT {
    private static Process workIn(Path directory) throws Exception {
        return new ProcessBuilder("sleep", "60").directory(directory.toFile()).start();
    }

    private static void end(Process process) throws Exception {
        process.destroyForcibly();
        process.waitFor();
    }

    private static void declare(NodeOnLoop node, int serial, String more) throws Exception {
        node.write("web.yaml", NodeOnLoop.sliver("web", "driver: copy", "instanceSerial: " + serial, more));
        NodeOnLoop.Said said = node.apply();
        assertEquals(0, said.status(), said.text());
    }

    /** The directory of a kept revision's tree. */
    private static Path tree(NodeOnLoop node, int number) throws Exception {
        try (var found = Files.walk(node.revision("web", number), 3)) {
            return found.filter(path -> path.endsWith("etc")).findFirst().orElseThrow();
        }
    }

    private static NodeOnLoop begin() throws Exception {
        NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS);
        node.write("base.yaml", NodeOnLoop.image("base", node.archive("base", "etc/motd", "welcome")));
        return node;
    }

    @Test
    void aSliverIsNotRemovedWhileOneOfItsKeptRevisionsIsInUse() throws Exception {
        try (NodeOnLoop node = begin()) {
            declare(node, 1, "keepPrevious: 24h");
            declare(node, 2, "keepPrevious: 24h");
            Process worker = workIn(tree(node, 1));
            try {
                Files.delete(node.files.resolve("web.yaml"));
                NodeOnLoop.Said busy = node.apply();
                assertEquals(4, busy.status(), busy.text());
                assertTrue(busy.text().contains("in use by"), busy.text());
                assertTrue(Files.exists(node.revision("web", 1)));
            } finally {
                end(worker);
            }
            assertEquals(0, node.apply().status());
            assertFalse(Files.exists(node.revision("web", 1)));
        }
    }

    /** Each record of the drops also lacks what the ones before it drop: a later one would forget the one that stays. */
    @Test
    void withOneDropRefusedTheOthersOfTheSliverWait() throws Exception {
        try (NodeOnLoop node = begin()) {
            declare(node, 1, "keepPrevious: 2s");
            declare(node, 2, "keepPrevious: 2s");
            declare(node, 3, "keepPrevious: 2s");
            Process worker = workIn(tree(node, 2));
            try {
                Thread.sleep(2_500);
                NodeOnLoop.Said busy = node.apply();
                assertEquals(4, busy.status(), busy.text());
                assertTrue(Files.exists(node.revision("web", 2)));
                String record = Files.readString(node.store.resolve("slivers/default/web/record.json"));
                assertEquals(
                        2, AgentSocket.JSON.readTree(record).path("previous").size(), record);
                assertTrue(Files.exists(node.revision("web", 1)));
            } finally {
                end(worker);
            }
            assertEquals(0, node.apply().status());
            assertFalse(Files.exists(node.revision("web", 1)));
            assertFalse(Files.exists(node.revision("web", 2)));
        }
    }
}
