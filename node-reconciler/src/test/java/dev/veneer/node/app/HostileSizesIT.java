package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A file of a sliver can be as long as a number can say, and takes no room; nobody reads it to its end. */
@Timeout(180)
class HostileSizesIT {
    private static final Duration SECONDS = Duration.ofSeconds(60);

    private static void bases(NodeOnLoop node) throws Exception {
        for (String version : new String[] {"1", "2"}) {
            String name = "v" + version;
            node.write(
                    name + ".yaml",
                    NodeOnLoop.image(
                            name,
                            node.archive(
                                    name,
                                    "etc/passwd",
                                    "root:x:0:0::/:/bin/sh\n#" + version + "\n",
                                    "etc/shadow",
                                    "root:*:1" + version + "::::::\n",
                                    "var/lib/dpkg/status",
                                    "Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nVersion: "
                                            + version + "\n\n",
                                    "var/lib/dpkg/info/dpkg.list",
                                    "/usr/bin/dpkg\n",
                                    "usr/bin/dpkg",
                                    version,
                                    "etc/ld.so.cache",
                                    version)));
        }
    }

    @ParameterizedTest
    @CsvSource({"XFS, overlay", "XFS, copy", "BTRFS, btrfs-snapshot"})
    void aFileOfEightExbibytesIsNotRead(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            bases(node);
            String spec = "driver: " + driver + ", rebase: {onConflict: KeepSliver}";
            node.write("web.yaml", NodeOnLoop.sliverOn("v1", "web", spec));
            assertEquals(0, node.apply().status());
            Path rootfs = node.rootfs("web");
            for (String path : new String[] {"etc/shadow", "etc/ld.so.cache", "usr/bin/dpkg", "etc/passwd", "own"}) {
                Commands.run(
                        "truncate",
                        "-s",
                        "9223372036854775807",
                        rootfs.resolve(path).toString());
            }
            assertTimeoutPreemptively(SECONDS, () -> {
                NodeOnLoop.Said said = node.run("rebase", "sliver", "web", "--to", "v2", "--dry-run");
                assertEquals(0, said.status(), said.text());
                assertTrue(said.text().contains("/etc/shadow"), said.text());
            });
            assertTimeoutPreemptively(SECONDS, () -> {
                node.write("web.yaml", NodeOnLoop.sliverOn("v2", "web", spec));
                NodeOnLoop.Said said = node.apply();
                assertEquals(0, said.status(), said.text());
            });
            assertEquals(Long.MAX_VALUE, Files.size(rootfs.resolve("etc/shadow")));
        }
    }
}
