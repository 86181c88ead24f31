package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code veneer rollback} and {@code spec.rollback} as their user has them. */
class RollbackIT {
    private static JsonNode web(NodeOnLoop node) throws Exception {
        NodeOnLoop.Said said = node.run("get", "sliver", "web", "-o", "json");
        assertEquals(0, said.status(), said.text());
        return AgentSocket.JSON.readTree(said.text());
    }

    private static String reason(JsonNode sliver, String type) {
        for (JsonNode condition : sliver.at("/status/conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText() + " "
                        + condition.path("reason").asText();
            }
        }
        return "none";
    }

    private static NodeOnLoop.Said done(NodeOnLoop.Said said) {
        assertEquals(0, said.status(), said.text());
        return said;
    }

    @ParameterizedTest
    @CsvSource({"XFS, overlay", "XFS, copy", "EXT4, copy", "BTRFS, btrfs-snapshot", "BTRFS, overlay"})
    void whatANewInstanceTookAwayComesBack(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            node.write(
                    "base.yaml", NodeOnLoop.image("base", node.archive("base", "etc/motd", "welcome", "usr/x", "y")));
            node.write("web.yaml", NodeOnLoop.sliver("web", "driver: " + driver));
            done(node.apply());
            Path motd = node.rootfs("web").resolve("etc/motd");
            Path gone = node.rootfs("web").resolve("usr/x");
            Files.writeString(motd, "first");
            Files.delete(gone);
            node.write("web.yaml", NodeOnLoop.sliver("web", "driver: " + driver, "instanceSerial: 2"));
            done(node.apply());
            assertEquals("welcome", Files.readString(motd));
            Files.writeString(motd, "second");

            NodeOnLoop.Said said = done(node.run("rollback", "sliver", "web"));
            assertTrue(said.text().contains("roll back done"), said.text());
            assertEquals("first", Files.readString(motd));
            assertFalse(Files.exists(gone));
            JsonNode web = web(node);
            assertEquals(1, web.at("/status/revision").asInt());
            assertEquals(1, web.at("/status/lastRollback/to").asInt());
            assertEquals(0, web.at("/status/lastRollback/serial").asInt());
            assertEquals("Current", web.at("/status/revisions/0/what").asText());
            assertEquals("Rollback", web.at("/status/revisions/1/what").asText());
            assertEquals(2, web.at("/status/revisions/1/number").asInt());
            assertEquals("False RolledBack", reason(web, "BaseUpToDate"));
            assertTrue(done(node.apply()).text().contains("Nothing to do"), "what is declared is held against");

            // There and back again, by number and without.
            done(node.run("rollback", "sliver", "web"));
            assertEquals("second", Files.readString(motd));
            assertTrue(Files.exists(gone));
            done(node.run("rollback", "sliver/web", "--to", "1"));
            assertEquals("first", Files.readString(motd));
            NodeOnLoop.Said refused = node.run("rollback", "sliver", "web", "--to", "9");
            assertEquals(1, refused.status(), refused.text());
            assertTrue(refused.text().contains("kept are 2"), refused.text());
            assertEquals("first", Files.readString(motd));

            // Declared, together with a serial that alone would begin anew.
            String order = "rollback: {to: 2, serial: 1}";
            node.write("web.yaml", NodeOnLoop.sliver("web", "driver: " + driver, "instanceSerial: 3", order));
            done(node.apply());
            assertEquals("second", Files.readString(motd));
            assertEquals(1, web(node).at("/status/lastRollback/serial").asInt());
            assertTrue(done(node.apply()).text().contains("Nothing to do"), "it is answered, and wins");
            node.write("web.yaml", NodeOnLoop.sliver("web", "driver: " + driver, "instanceSerial: 4", order));
            done(node.apply());
            assertEquals("welcome", Files.readString(motd));
            assertEquals("True Succeeded", reason(web(node), "BaseUpToDate"));
            SnapshotIT.checked(node);
        }
    }

    /** One that is kept for no time is removed at once; what is held by it goes with it. */
    @Test
    void whatHadItsTimeCannotBeGoneBackTo() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            node.write("base.yaml", NodeOnLoop.image("base", node.archive("base", "etc/motd", "welcome")));
            node.write("web.yaml", NodeOnLoop.sliver("web", "keepPrevious: 0s"));
            done(node.apply());
            NodeOnLoop.Said nothing = node.run("rollback", "sliver", "web");
            assertEquals(1, nothing.status(), nothing.text());
            assertTrue(nothing.text().contains("cannot go back: no previous revision is kept"), nothing.text());
            Files.writeString(node.rootfs("web").resolve("etc/motd"), "mine");
            node.write("web.yaml", NodeOnLoop.sliver("web", "keepPrevious: 0s", "instanceSerial: 2"));
            done(node.apply());
            assertFalse(Files.exists(node.revision("web", 1)));
            assertEquals(1, node.run("rollback", "sliver", "web").status());
            assertEquals(64, node.run("rollback", "sliver", "web", "--to", "0").status());
            assertEquals(64, node.run("rollback", "baseimage", "base").status());
            assertTrue(node.run("rollback", "sliver", "wbe").text().contains("wbe"));
        }
    }

    /** The agent does it as well, also one that was started after the revision was made. */
    @Test
    void theAgentGoesBack() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            node.write("base.yaml", NodeOnLoop.image("base", node.archive("base", "etc/motd", "welcome")));
            node.write("web.yaml", NodeOnLoop.sliver("web", "driver: overlay"));
            done(node.apply());
            Path motd = node.rootfs("web").resolve("etc/motd");
            Files.writeString(motd, "first");
            node.write("web.yaml", NodeOnLoop.sliver("web", "driver: overlay", "instanceSerial: 2"));
            done(node.apply());
            for (String expected : new String[] {"first", "second"}) {
                try (ChildVeneer agent =
                        ChildVeneer.start("agent", "-f", node.files.toString(), "--store", node.store.toString())) {
                    AgentIT.await(agent, java.time.Duration.ofSeconds(60), () -> done(node.apply())
                            .text()
                            .contains("Nothing to do"));
                    NodeOnLoop.Said said = done(node.run("rollback", "sliver", "web"));
                    assertTrue(said.text().contains("roll back done"), said.text());
                    if (expected.equals("first")) {
                        assertEquals("first", Files.readString(motd));
                        done(node.run("rollback", "sliver", "web"));
                        Files.writeString(motd, "second");
                        done(node.run("rollback", "sliver", "web"));
                    }
                }
                assertEquals(expected, Files.readString(motd));
            }
        }
    }

    @Test
    void nobodyIsPushedOut() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            node.write("base.yaml", NodeOnLoop.image("base", node.archive("base", "etc/motd", "welcome")));
            node.write("web.yaml", NodeOnLoop.sliver("web"));
            done(node.apply());
            node.write("web.yaml", NodeOnLoop.sliver("web", "instanceSerial: 2"));
            done(node.apply());
            Process holder = new ProcessBuilder("sleep", "60")
                    .directory(node.rootfs("web").toFile())
                    .start();
            try {
                NodeOnLoop.Said busy = node.run("rollback", "sliver", "web");
                assertEquals(4, busy.status(), busy.text());
                assertTrue(busy.text().contains("in use"), busy.text());
            } finally {
                holder.destroyForcibly();
                holder.waitFor();
            }
            done(node.run("rollback", "sliver", "web"));
            Commands.run("test", "-d", node.revision("web", 2).toString());
        }
    }

    /** It would go on writing to a revision that nobody sees any more. */
    @ParameterizedTest
    @CsvSource({"overlay, revision", "copy, revision", "overlay, snapshot"})
    void aRevisionThatAStrangerMountedElsewhereIsNotLeft(String driver, String to) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            boolean snapshot = to.equals("snapshot");
            String spec = "driver: " + driver;
            String[] snapshots = snapshot
                    ? new String[] {spec, "snapshots: {schedule: '* * * * * ?', keep: 9}"}
                    : new String[] {spec};
            node.write("base.yaml", NodeOnLoop.image("base", node.archive("base", "etc/motd", "welcome")));
            node.write("web.yaml", NodeOnLoop.sliver("web", snapshots));
            done(node.apply());
            if (snapshot) {
                Thread.sleep(1_100);
                done(node.apply());
                node.write("web.yaml", NodeOnLoop.sliver("web", spec));
            } else {
                node.write("web.yaml", NodeOnLoop.sliver("web", spec, "instanceSerial: 2"));
            }
            done(node.apply());
            Path elsewhere = Files.createDirectory(node.disk.mountPoint().resolve("elsewhere"));
            Commands.run("mount", "--bind", node.rootfs("web").toString(), elsewhere.toString());
            NodeOnLoop.Said busy = node.run("rollback", "sliver", "web", "--to", snapshot ? "2" : "1");
            assertEquals("welcome", Files.readString(node.rootfs("web").resolve("etc/motd")), "it was taken down");
            Commands.run("umount", elsewhere.toString());
            assertEquals(4, busy.status(), busy.text());
            assertTrue(busy.text().contains("is in use by"), busy.text());
            assertEquals(snapshot ? 1 : 2, web(node).at("/status/revision").asInt(), busy.text());
            done(node.apply());
            done(node.run("rollback", "sliver", "web", "--to", snapshot ? "2" : "1"));
        }
    }

    /** Seen only once it is unmounted: an open directory keeps a mount that is in no table. */
    @ParameterizedTest
    @CsvSource({"1", "2"})
    void aRevisionThatAProcessHoldsDetachedIsNotLeft(int to) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            String snapshots = "snapshots: {schedule: '* * * * * ?', keep: 9}";
            node.write("base.yaml", NodeOnLoop.image("base", node.archive("base", "etc/motd", "welcome")));
            node.write("web.yaml", NodeOnLoop.sliver("web", to == 2 ? snapshots : "driver: overlay"));
            done(node.apply());
            if (to == 2) {
                Thread.sleep(1_100);
                done(node.apply());
            }
            node.write("web.yaml", NodeOnLoop.sliver("web", "instanceSerial: " + (to == 2 ? 1 : 2)));
            done(node.apply());
            int before = web(node).at("/status/revision").asInt();
            Path elsewhere = Files.createDirectory(node.disk.mountPoint().resolve("elsewhere"));
            Commands.run("mount", "--bind", node.rootfs("web").toString(), elsewhere.toString());
            Process holder = new ProcessBuilder("sleep", "60")
                    .directory(elsewhere.toFile())
                    .start();
            try {
                Commands.run("umount", "-l", elsewhere.toString());
                NodeOnLoop.Said busy = node.run("rollback", "sliver", "web", "--to", Integer.toString(to));
                assertEquals(4, busy.status(), busy.text());
                assertTrue(busy.text().contains("is in use by"), busy.text());
                assertEquals(before, web(node).at("/status/revision").asInt(), busy.text());
            } finally {
                holder.destroyForcibly();
                holder.waitFor();
            }
            done(node.apply());
            done(node.run("rollback", "sliver", "web", "--to", Integer.toString(to)));
        }
    }
}
