package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.coupled.AlpineTree;
import dev.veneer.node.tree.merge.MemoryTree;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Slivers with packages of Alpine, by generated trees on real mounts, move to a base whose packages differ. */
class AlpineMoveIT {
    private static final String INSTALLED = "lib/apk/db/installed";

    private final AlpineTree v1 = new AlpineTree()
            .install("tool", "1.0-r0", "D:so:libc.musl.so.1\n", Map.of("usr/bin/tool", "1.0", "etc/tool.conf", "a"))
            .trigger("tool", "/usr/share/tool")
            .install("editor", "3-r0", "", Map.of("usr/bin/editor", "3"))
            .world("editor", "tool");
    private final AlpineTree v2 = v1.copy()
            .install("tool", "1.0-r1", "D:so:libc.musl.so.1\n", Map.of("usr/bin/tool", "1.0-r1", "etc/tool.conf", "a"))
            .trigger("tool", "/usr/share/tool")
            .install("editor", "4-r0", "", Map.of("usr/bin/editor", "4", "usr/share/editor/new", "4"))
            .install("fresh", "1-r0", "", Map.of("usr/bin/fresh", "1"))
            .world("editor", "fresh", "tool");

    /** Makes a directory hold the files of a tree; of those of the tree before, what is gone goes. */
    private static void lay(MemoryTree tree, MemoryTree before, Path root) throws Exception {
        for (Bytes path : before.paths()) {
            if (tree.find(path) == null && before.find(path).type() == FileType.REGULAR) {
                Files.delete(root.resolve(path.toString()));
            }
        }
        for (Bytes path : tree.paths()) {
            Path file = root.resolve(path.toString());
            if (tree.find(path).type() == FileType.DIRECTORY) {
                Files.createDirectories(file);
            } else if (before.find(path) == null || !tree.find(path).equals(before.find(path))) {
                Files.write(file, tree.content(path, Integer.MAX_VALUE).array());
            }
        }
    }

    private static void image(NodeOnLoop node, String name, AlpineTree tree) throws Exception {
        Path root = Files.createTempDirectory(node.archives, name);
        lay(tree.tree(), new MemoryTree(), root);
        node.write(name + ".yaml", NodeOnLoop.image(name, node.pack(name, root, List.of("."))));
    }

    private static void declare(NodeOnLoop node, String base, String more) throws Exception {
        node.write("web.yaml", NodeOnLoop.sliverOn(base, "web", "rebase: {verify: Full, onConflict: " + more));
    }

    private Path start(NodeOnLoop node, String more) throws Exception {
        image(node, "v1", v1);
        image(node, "v2", v2);
        declare(node, "v1", more);
        NodeOnLoop.Said made = node.apply();
        assertEquals(0, made.status(), made.text());
        return node.rootfs("web");
    }

    @ParameterizedTest
    @CsvSource({"XFS, overlay", "BTRFS, btrfs-snapshot", "XFS, copy"})
    void packagesOfBothSidesAreThereAfterAMoveAndBack(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            String more = "Fail}, driver: " + driver;
            Path rootfs = start(node, more);
            AlpineTree own = v1.copy()
                    .install("own", "1-r0", "D:so:libc.musl.so.1 tool\n", Map.of("usr/bin/own", "1", "etc/own", "x"))
                    .trigger("own", "/usr/share/own")
                    .remove("editor")
                    .world("own", "tool");
            lay(own.tree(), v1.tree(), rootfs);
            Files.writeString(rootfs.resolve("etc/tool.conf"), "mine");

            declare(node, "v2", more);
            NodeOnLoop.Said moved = node.apply();
            assertEquals(0, moved.status(), moved.text());
            String installed = Files.readString(rootfs.resolve(INSTALLED));
            assertTrue(installed.contains("P:tool\nV:1.0-r1\n"), installed);
            assertTrue(installed.contains("P:own\nV:1-r0\n"), installed);
            assertTrue(installed.contains("P:fresh\nV:1-r0\n"), installed);
            assertFalse(installed.contains("P:editor\n"), installed);
            assertEquals("1.0-r1", Files.readString(rootfs.resolve("usr/bin/tool")));
            assertEquals("1", Files.readString(rootfs.resolve("usr/bin/own")));
            assertEquals("mine", Files.readString(rootfs.resolve("etc/tool.conf")));
            assertFalse(Files.exists(rootfs.resolve("usr/bin/editor"), LinkOption.NOFOLLOW_LINKS));
            // With the directories that the new base has for it alone.
            assertFalse(Files.exists(rootfs.resolve("usr/share"), LinkOption.NOFOLLOW_LINKS));
            assertEquals("fresh\ntool\nown\n", Files.readString(rootfs.resolve("etc/apk/world")));
            String scripts = Commands.run(
                    "tar", "-tf", rootfs.resolve("lib/apk/db/scripts.tar").toString());
            assertEquals(2, scripts.lines().count(), scripts);
            assertTrue(scripts.contains("tool-1.0-r1.Q1") && scripts.contains("own-1-r0.Q1"), scripts);
            assertTrue(node.apply().text().contains("Nothing to do"));

            declare(node, "v1", more);
            NodeOnLoop.Said back = node.apply();
            assertEquals(0, back.status(), back.text());
            assertEquals(own.tree().text("etc/apk/world"), sorted(Files.readString(rootfs.resolve("etc/apk/world"))));
            installed = Files.readString(rootfs.resolve(INSTALLED));
            assertTrue(installed.contains("P:tool\nV:1.0-r0\n") && installed.contains("P:own\n"), installed);
            assertFalse(installed.contains("P:fresh\n"), installed);
            assertEquals("1.0", Files.readString(rootfs.resolve("usr/bin/tool")));
        }
    }

    private static String sorted(String lines) {
        return String.join("\n", lines.lines().sorted().toList()) + "\n";
    }

    private static void craft(Path rootfs, String what, AlpineTree own) throws Exception {
        Path list = rootfs.resolve(INSTALLED);
        switch (what) {
            case "name" -> Files.writeString(list, own.installed() + "P:../../../../etc/passwd\nV:1\n\n");
            case "path" -> Files.writeString(list, own.installed() + "P:evil\nV:1\nF:../../etc\nR:passwd\n\n");
            case "huge" -> Files.writeString(list, own.installed() + "P:huge\nV:1\nT:" + "x".repeat(70 << 20) + "\n\n");
            case "garbage" -> Files.write(list, new byte[] {0, 1, (byte) 0xff, '\n', ':', '\n'});
            case "short" -> {
                byte[] whole = own.installed().getBytes(StandardCharsets.UTF_8);
                Files.write(list, java.util.Arrays.copyOf(whole, whole.length - 20));
            }
            case "link" -> {
                Files.delete(list);
                Files.createSymbolicLink(list, Path.of("/etc/passwd"));
            }
            default -> throw new IllegalArgumentException(what);
        }
    }

    /** One conflict for the set, and nothing is changed; taken from the base, it is the base's as a whole. */
    @ParameterizedTest
    @ValueSource(strings = {"name", "path", "huge", "garbage", "short", "link"})
    void whatDoesNotParseIsOneConflict(String what) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            Path rootfs = start(node, "Fail}");
            craft(rootfs, what, v1.copy().install("own", "1-r0", "", Map.of()));
            declare(node, "v2", "Fail}");
            NodeOnLoop.Said refused = node.apply();
            assertEquals(1, refused.status(), refused.text());
            assertTrue(refused.text().contains("it stays on v1: "), refused.text());
            assertEquals("1.0", Files.readString(rootfs.resolve("usr/bin/tool")));
            declare(node, "v2", "TakeBase}");
            NodeOnLoop.Said moved = node.apply();
            assertEquals(0, moved.status(), moved.text());
            assertEquals("1.0-r1", Files.readString(rootfs.resolve("usr/bin/tool")));
            assertEquals(v2.installed(), Files.readString(rootfs.resolve(INSTALLED)));
        }
    }
}
