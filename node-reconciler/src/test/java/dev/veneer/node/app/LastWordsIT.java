package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A container that writes while it is being stopped, after its sliver was looked at for a compaction: with the same size and
 * the same modification time as before.
 */
@Timeout(180)
class LastWordsIT {
    private static final String INIT =
            """
            #!/bin/sh
            [ -e /root/made ] || {
              for f in one two; do cp /data/$f /data/new; touch -d @1000000000 /data/new; mv /data/new /data/$f; done
              : >/root/made
            }
            trap 'printf last >/data/one; touch -d @1000000000 /data/one; exit 0' PWR
            while :; do sleep 0.05; done
            """;

    private static String image(NodeOnLoop node) throws Exception {
        Path tree = Files.createDirectory(node.archives.resolve("writing"));
        List<String> tops = List.of("bin", "sbin", "etc", "proc", "sys", "dev", "tmp", "run", "root", "data");
        for (String directory : tops) {
            Files.createDirectories(tree.resolve(directory));
        }
        Files.copy(Path.of("/usr/bin/busybox"), tree.resolve("bin/busybox"));
        for (String applet : List.of("sh", "sleep", "cp", "mv", "touch", "printf")) {
            Files.createSymbolicLink(tree.resolve("bin").resolve(applet), Path.of("busybox"));
        }
        Files.writeString(tree.resolve("data/one"), "then");
        Files.writeString(tree.resolve("data/two"), "then");
        Path init = Files.writeString(tree.resolve("sbin/init"), INIT);
        Commands.run("chmod", "0755", init.toString());
        Commands.run(
                "touch",
                "-d",
                "@1000000000",
                tree.resolve("data/one").toString(),
                tree.resolve("data/two").toString());
        return node.pack("writing", tree, tops);
    }

    @ParameterizedTest
    @CsvSource({"XFS, overlay, upper", "BTRFS, btrfs-snapshot, ", "XFS, copy, "})
    void theyAreKept(LoopDevice.Kind kind, String driver, String layer) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            node.write("base.yaml", NodeOnLoop.image("base", image(node)));
            node.write("web.yaml", NodeOnLoop.sliver("web", "driver: " + driver, "desiredState: Started"));
            try {
                NodeOnLoop.Said made = node.apply();
                assertEquals(0, made.status(), made.text());
                Path rootfs = node.rootfs("web");
                for (int i = 0; i < 600 && !Files.exists(rootfs.resolve("root/made")); i++) {
                    Thread.sleep(50);
                }
                assertEquals("then", Files.readString(rootfs.resolve("data/one")));
                // What is older than a second is not compared again when the sliver is down.
                Thread.sleep(2_000);
                NodeOnLoop.Said said = node.run("compact", "sliver", "web");
                assertEquals(0, said.status(), said.text());
                assertEquals("last", Files.readString(rootfs.resolve("data/one")));
                assertEquals("then", Files.readString(rootfs.resolve("data/two")));
                if (layer != null) {
                    Path upper = node.revision("web", 2).resolve(layer);
                    assertTrue(Files.exists(upper.resolve("data/one")));
                    assertFalse(Files.exists(upper.resolve("data/two")), "what the base has is dropped");
                }
            } finally {
                Files.delete(node.files.resolve("web.yaml"));
                node.apply();
            }
        }
    }
}
