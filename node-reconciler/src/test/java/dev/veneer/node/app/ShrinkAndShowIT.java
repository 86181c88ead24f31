package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.LoopDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a person sees of objects that are not as declared: held back, refused, or new. */
class ShrinkAndShowIT {
    private NodeOnLoop node;
    private String archive;

    @BeforeEach
    void node() throws IOException {
        node = new NodeOnLoop(LoopDevice.Kind.EXT4);
        archive = node.archive("base", "etc/hostname", "base", "data/", "");
    }

    @AfterEach
    void close() {
        node.close();
    }

    /** Writes {@code base.yaml} and a file for each sliver, named as it is. */
    private void declare(String... slivers) throws IOException {
        node.write("base.yaml", NodeOnLoop.image("base", archive));
        for (String name : slivers) {
            sliver(name);
        }
    }

    private void sliver(String name, String... more) throws IOException {
        node.write(name + ".yaml", NodeOnLoop.sliver(name, more));
    }

    private NodeOnLoop.Said applied(int status, String... options) {
        NodeOnLoop.Said said = node.apply(options);
        assertEquals(status, said.status(), said.text());
        return said;
    }

    private static void says(NodeOnLoop.Said said, String... parts) {
        for (String part : parts) {
            assertTrue(said.text().contains(part), () -> "not said: " + part + "\n" + said.text());
        }
    }

    private void mounted(String name) throws IOException {
        assertEquals(List.of("veneer:default/" + name + "@1"), node.mountedAt(node.rootfs(name)));
    }

    private void notMounted(String name) throws IOException {
        assertEquals(List.of(), node.mountedAt(node.rootfs(name)));
    }

    @Test
    void getShowsWhatWasNeverCreatedAndMeasuresWhatIsNew() throws IOException {
        declare("good");
        sliver("wrong", "driver: nosuch");
        applied(1);
        NodeOnLoop.Said all = node.run("get", "slivers");
        says(all, "wrong", "InvalidSpec");
        assertFalse(
                all.text().lines().anyMatch(line -> line.startsWith("good") && line.contains("<none>")), all.text());
        says(node.run("describe", "sliver", "wrong"), "nosuch", "InvalidSpec");
        says(node.run("describe", "sliver", "good"), "Exclusive Bytes", "Observed At");
        says(node.run("get", "sliver", "godo"), "did you mean 'good'?");
        // Put right, it is no longer shown twice; removed, not at all.
        sliver("wrong");
        applied(0);
        assertEquals(
                1,
                node.run("get", "slivers")
                        .text()
                        .lines()
                        .filter(line -> line.startsWith("wrong"))
                        .count());
        sliver("other", "driver: nosuch");
        applied(1);
        Files.delete(node.files.resolve("other.yaml"));
        applied(0);
        assertFalse(node.run("get", "slivers").text().contains("other"));
    }

    @Test
    void aShrinkThatWasAllowedStaysAllowedWhileSomethingIsInUse() throws Exception {
        declare("a", "b", "c", "d");
        applied(0);
        for (String name : List.of("a", "b", "c")) {
            Files.delete(node.files.resolve(name + ".yaml"));
        }
        List<Process> users = new ArrayList<>();
        try {
            for (String name : List.of("a", "b", "c")) {
                users.add(new ProcessBuilder("sleep", "600")
                        .directory(node.rootfs(name).toFile())
                        .start());
            }
            applied(4, "--allow-shrink");
            applied(4);
            mounted("a");
        } finally {
            users.forEach(Process::destroyForcibly);
            for (Process user : users) {
                user.waitFor();
            }
        }
        says(applied(0), "Done");
        notMounted("a");
        notMounted("c");
        mounted("d");
        // The permission is used up: the next shrink is held again.
        declare("a", "b", "c");
        applied(0);
        for (String name : List.of("a", "b", "c")) {
            Files.delete(node.files.resolve(name + ".yaml"));
        }
        applied(3);
    }
}
