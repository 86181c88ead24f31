package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The disk gives a base's file otherwise than it was imported: the owner's good copy is not given up for it. */
@Timeout(180)
class RottenBaseIT {
    @ParameterizedTest
    @CsvSource({"XFS, overlay", "EXT4, overlay", "EXT4, copy"})
    void aGoodCopyStays(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            node.write("base.yaml", NodeOnLoop.image("base", node.archive("base", "data", "good", "other", "good")));
            node.write("web.yaml", NodeOnLoop.sliver("web", "driver: " + driver));
            assertEquals(0, node.apply().status());
            Path rootfs = node.rootfs("web");
            Path base;
            try (var bases = Files.list(node.store.resolve("bases"))) {
                base = bases.findFirst().orElseThrow().resolve("dir");
            }
            for (String name : new String[] {"data", "other"}) {
                // Copied up and as before, its time included.
                FileTime time = Files.getLastModifiedTime(base.resolve(name));
                Files.writeString(rootfs.resolve(name), "good");
                Files.setLastModifiedTime(rootfs.resolve(name), time);
            }
            FileTime time = Files.getLastModifiedTime(base.resolve("data"));
            Files.writeString(base.resolve("data"), "rots");
            Files.setLastModifiedTime(base.resolve("data"), time);
            Commands.run("sync");

            NodeOnLoop.Said said = node.run("compact", "sliver", "web");
            assertEquals(0, said.status(), said.text());
            assertEquals("good", Files.readString(rootfs.resolve("data")));
            assertEquals("good", Files.readString(rootfs.resolve("other")));
            if (driver.equals("overlay")) {
                Path upper = node.revision("web", 2).resolve("upper");
                assertTrue(Files.exists(upper.resolve("data")));
                assertFalse(Files.exists(upper.resolve("other")), "what the base has is dropped");
            }
        }
    }

    /** The sliver's copy is as in both bases, so that a move would not hold it any more. */
    @Test
    void aMoveGivesNoGoodCopyUp() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            node.write("v1.yaml", NodeOnLoop.image("v1", node.archive("v1", "data", "good", "etc/motd", "1")));
            node.write("v2.yaml", NodeOnLoop.image("v2", node.archive("v2", "data", "good", "etc/motd", "2")));
            node.write("web.yaml", NodeOnLoop.sliverOn("v1", "web", "driver: overlay"));
            node.write("other.yaml", NodeOnLoop.sliverOn("v2", "other", "driver: overlay"));
            assertEquals(0, node.apply().status());
            Path data = node.rootfs("web").resolve("data");
            Files.delete(data);
            Files.writeString(data, "good");
            try (var bases = Files.walk(node.store.resolve("bases"))) {
                for (Path file : (Iterable<Path>) bases.filter(each -> each.endsWith("dir/data"))::iterator) {
                    FileTime time = Files.getLastModifiedTime(file);
                    Files.writeString(file, "rots");
                    Files.setLastModifiedTime(file, time);
                }
            }
            node.write("web.yaml", NodeOnLoop.sliverOn("v2", "web", "driver: overlay"));
            NodeOnLoop.Said refused = node.apply();
            assertTrue(refused.text().contains("/data of the new base is not as it was imported"), refused.text());
            assertEquals("good", Files.readString(data));
            assertEquals("1", Files.readString(node.rootfs("web").resolve("etc/motd")));
        }
    }
}
