package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.plan.Requests;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What was copied into a new revision is read before that is taken into use, also where not everything is looked at: a
 * copy that came over otherwise, with the right size and all else, keeps the old revision.
 */
class VerifyContentIT {
    private static final String OWN = "x".repeat(300_000);

    private static String text(NodeOnLoop node) throws Exception {
        return Files.readString(node.rootfs("web").resolve("etc/own"));
    }

    /** Spoils one byte of the copy that lies in staging, and nothing else of it. */
    private static void spoil(NodeOnLoop node, Set<String> spoilt) throws Exception {
        try (Stream<Path> all = Files.walk(node.store.resolve("staging"))) {
            List<Path> copies = all.filter(each -> each.endsWith("etc/own")).toList();
            for (Path copy : copies) {
                if (Files.size(copy) == OWN.length() && spoilt.add(copy.toString())) {
                    FileTime time = Files.getLastModifiedTime(copy);
                    try (var channel = Files.newByteChannel(copy, StandardOpenOption.WRITE)) {
                        channel.position(200_000);
                        channel.write(ByteBuffer.wrap(new byte[] {'y'}));
                    }
                    Files.setLastModifiedTime(copy, time);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "EXT4, overlay, Merge",
        "XFS, overlay, Merge",
        "EXT4, copy, Merge",
        "BTRFS, btrfs-snapshot, Merge",
        "EXT4, overlay, PreserveView"
    })
    void aCopyThatIsSpoiltKeepsTheOldRevision(LoopDevice.Kind kind, String driver, String strategy) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            node.write("v1.yaml", NodeOnLoop.image("v1", node.archive("v1", "etc/motd", "1", "other", "o")));
            node.write("v2.yaml", NodeOnLoop.image("v2", node.archive("v2", "etc/motd", "2", "other", "o")));
            node.write("web.yaml", NodeOnLoop.sliverOn("v1", "web", "driver: " + driver));
            assertEquals(0, node.apply().status());
            Files.writeString(node.rootfs("web").resolve("etc/own"), OWN);
            node.write(
                    "web.yaml",
                    NodeOnLoop.sliverOn("v2", "web", "driver: " + driver + ", rebase: {strategy: " + strategy + "}"));
            Set<String> spoilt = new ConcurrentSkipListSet<>();
            // The new revision is mounted to be looked at when all is in it.
            FaultyLinuxCalls calls = new FaultyLinuxCalls(Site.REAL)
                    .counting("fsmount", "openTree")
                    .before((call, number) -> spoil(node, spoilt));
            ActionResult moved;
            try (NodeParts parts = NodeParts.open(calls.calls(), node.store.toString(), "test")) {
                moved = Site.pass(parts, node.store, node.files, Requests.NONE, () -> false).results().stream()
                        .filter(each -> each.action() instanceof Rewrite.Rebase)
                        .findFirst()
                        .orElseThrow();
            }
            assertEquals(1, spoilt.size(), "there was nothing to spoil");
            NodeException why = moved.failure();
            assertNotNull(why, "it was taken into use");
            assertEquals(Reason.VerifyFailed, why.reason(), why.getMessage());
            assertTrue(String.valueOf(why.getMessage()).contains("/etc/own has another content"), why.getMessage());
            assertEquals(OWN, text(node));
            assertEquals("1", Files.readString(node.rootfs("web").resolve("etc/motd")));
            // Nothing is wrong with the disk after all.
            assertEquals(0, node.apply().status());
            assertEquals(OWN, text(node));
        }
    }
}
