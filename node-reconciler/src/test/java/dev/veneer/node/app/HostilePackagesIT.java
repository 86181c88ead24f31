package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Package databases that an owner crafted, moved to a base whose packages differ. */
class HostilePackagesIT {
    private static final String INFO = "var/lib/dpkg/info/";
    private static final String STATUS = "var/lib/dpkg/status";

    private static String stanza(String name, String version, String more) {
        return "Package: " + name + "\nStatus: install ok installed\nArchitecture: amd64\nVersion: " + version + "\n"
                + more + "Description: of it\n\n";
    }

    private static String base(NodeOnLoop node, String name, String version) throws Exception {
        return NodeOnLoop.image(
                name,
                node.archive(
                        name,
                        STATUS,
                        stanza("dpkg", "1", "") + stanza("tool", version, ""),
                        INFO + "dpkg.list",
                        "/.\n",
                        INFO + "tool.list",
                        "/.\n/usr\n/usr/bin\n/usr/bin/tool\n",
                        "usr/bin/tool",
                        version,
                        "etc/passwd",
                        "root:x:0:0::/:/bin/sh\n"));
    }

    private static void declare(NodeOnLoop node, String base, String settled) throws Exception {
        node.write("web.yaml", NodeOnLoop.sliverOn(base, "web", "rebase: {verify: Full, onConflict: " + settled + "}"));
    }

    private static Path start(NodeOnLoop node) throws Exception {
        node.write("v1.yaml", base(node, "v1", "1"));
        node.write("v2.yaml", base(node, "v2", "2"));
        declare(node, "v1", "Fail");
        NodeOnLoop.Said made = node.apply();
        assertEquals(0, made.status(), made.text());
        return node.rootfs("web");
    }

    private static void craft(Path rootfs, String what) throws Exception {
        String own = stanza("dpkg", "1", "") + stanza("tool", "1", "");
        Path status = rootfs.resolve(STATUS);
        switch (what) {
            case "name" -> Files.writeString(status, own + stanza("../../../../etc/passwd", "1", ""));
            case "huge" -> Files.writeString(status, own + stanza("huge", "1", "X: " + "x".repeat(70 << 20) + "\n"));
            case "garbage" -> Files.write(status, new byte[] {0, 1, (byte) 0xff, '\n', ':', '\n'});
            case "link" -> {
                Files.delete(status);
                Files.createSymbolicLink(status, Path.of("/etc/passwd"));
            }
            case "list" -> {
                Files.writeString(status, own + stanza("evil", "1", ""));
                Files.writeString(rootfs.resolve(INFO + "evil.list"), "/.\n/../../../../etc/passwd\n");
            }
            default -> throw new IllegalArgumentException(what);
        }
    }

    /** One conflict for the set, and nothing is changed; taken from the base, it is the base's as a whole. */
    @ParameterizedTest
    @ValueSource(strings = {"name", "huge", "garbage", "link", "list"})
    void whatDoesNotParseIsOneConflict(String what) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            Path rootfs = start(node);
            craft(rootfs, what);
            declare(node, "v2", "Fail");
            NodeOnLoop.Said refused = node.apply();
            assertEquals(1, refused.status(), refused.text());
            assertTrue(refused.text().contains("it stays on v1: "), refused.text());
            assertEquals("1", Files.readString(rootfs.resolve("usr/bin/tool")));
            declare(node, "v2", "TakeBase");
            NodeOnLoop.Said moved = node.apply();
            assertEquals(0, moved.status(), moved.text());
            assertEquals("2", Files.readString(rootfs.resolve("usr/bin/tool")));
            assertTrue(Files.readString(rootfs.resolve(STATUS)).contains("Package: tool"));
            assertTrue(Files.readString(rootfs.resolve("etc/passwd")).startsWith("root:x:0:0"));
        }
    }

    /** A package that lists what is another's gets none of it, and packages that need each other come to an end. */
    @Test
    void aPackageMovesNoFileOfAnother() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            Path rootfs = start(node);
            Files.writeString(
                    rootfs.resolve(STATUS),
                    stanza("dpkg", "1", "")
                            + stanza("tool", "1", "")
                            + stanza("evil", "1", "Depends: wicked\n")
                            + stanza("wicked", "1", "Depends: evil\n"));
            Files.writeString(
                    rootfs.resolve(INFO + "evil.list"), "/.\n/usr/bin/tool\n/etc/passwd\n/var/lib/dpkg/status\n");
            Files.writeString(rootfs.resolve(INFO + "wicked.list"), "/.\n");
            declare(node, "v2", "Fail");
            NodeOnLoop.Said moved = node.apply();
            assertEquals(0, moved.status(), moved.text());
            assertEquals("2", Files.readString(rootfs.resolve("usr/bin/tool")));
            String status = Files.readString(rootfs.resolve(STATUS));
            assertTrue(status.contains("Package: evil") && status.contains("Version: 2"), status);
            assertFalse(Files.readString(rootfs.resolve("etc/passwd")).isEmpty());
        }
    }
}
