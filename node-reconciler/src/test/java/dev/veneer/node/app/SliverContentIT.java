package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.LoopDevice;
import dev.veneer.node.testkit.OtherJvm;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code spec.content.archive}: laid into a new sliver once for each {@code instanceSerial}. */
class SliverContentIT {
    private static final FileTime OLD = FileTime.from(Instant.parse("2001-02-03T04:05:06Z"));
    private static final FileTime NEWER = FileTime.from(Instant.parse("2010-02-03T04:05:06Z"));

    private static String base(NodeOnLoop node) throws IOException {
        Path tree = Files.createDirectories(node.archives.resolve("base-tree"));
        Files.createDirectories(tree.resolve("etc/app"));
        Files.writeString(tree.resolve("etc/app/conf"), "of the base");
        Files.writeString(tree.resolve("etc/kept"), "kept");
        Files.createDirectories(tree.resolve("full/of/files"));
        Files.writeString(tree.resolve("full/of/files/x"), "x");
        Files.writeString(tree.resolve("file"), "a file");
        Files.createDirectories(tree.resolve("usr/bin"));
        Files.createSymbolicLink(tree.resolve("link"), Path.of("usr/bin"));
        Files.createDirectory(
                tree.resolve("root"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.setLastModifiedTime(tree.resolve("etc/app"), OLD);
        Files.setLastModifiedTime(tree.resolve("etc"), OLD);
        Files.setLastModifiedTime(tree.resolve("root"), OLD);
        return node.pack("base", tree, List.of("etc", "full", "file", "usr", "link", "root"));
    }

    private static String content(NodeOnLoop node, String conf) throws IOException {
        Path tree = Files.createTempDirectory(node.archives, "content-tree");
        Files.createDirectories(tree.resolve("etc/app"));
        Files.writeString(tree.resolve("etc/app/conf"), conf);
        Files.writeString(tree.resolve("full"), "a file now");
        Files.createDirectories(tree.resolve("file"));
        Files.writeString(tree.resolve("file/inside"), "a directory now");
        Files.writeString(tree.resolve("link"), "no link now");
        Files.createDirectories(tree.resolve("root"));
        Files.writeString(tree.resolve("root/secret"), "s");
        Files.createDirectories(tree.resolve("new/deep"));
        Files.writeString(tree.resolve("new/deep/one"), "two names");
        Files.createLink(tree.resolve("new/two"), tree.resolve("new/deep/one"));
        Files.setLastModifiedTime(tree.resolve("new/deep"), NEWER);
        Files.setLastModifiedTime(tree.resolve("new"), NEWER);
        return node.pack("content", tree, List.of("etc/app/conf", "full", "file", "link", "root/secret", "new"));
    }

    private static String laying(String url) {
        return "content: {archive: {url: \"" + url + "\"}}";
    }

    @ParameterizedTest
    @CsvSource({"EXT4,overlay", "BTRFS,overlay", "EXT4,copy", "XFS,copy", "BTRFS,btrfs-snapshot"})
    void laidOverTheBaseOnceForEachInstance(LoopDevice.Kind kind, String driver) throws IOException {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            String base = base(node);
            String url = content(node, "first");
            String by = "driver: " + driver;
            node.write(
                    "all.yaml",
                    NodeOnLoop.image("base", base),
                    NodeOnLoop.sliver("s", by, laying(url)),
                    NodeOnLoop.sliver("plain", by));
            NodeOnLoop.Said said = node.apply();
            assertEquals(0, said.status(), said.text());
            Path root = node.rootfs("s");
            check(root);
            assertEquals("of the base", Files.readString(node.rootfs("plain").resolve("etc/app/conf")));
            assertEquals(0, node.apply().status());
            assertEquals(
                    0,
                    Objects.requireNonNull(
                                    node.store.resolve("staging").toFile().list())
                            .length);
            assertEquals(
                    0,
                    Objects.requireNonNull(node.store.resolve("trash").toFile().list()).length);

            // Other content alone changes nothing, a new instance gets it.
            Files.writeString(root.resolve("etc/app/conf"), "of the owner");
            content(node, "second");
            assertEquals(0, node.apply().status());
            assertEquals("of the owner", Files.readString(root.resolve("etc/app/conf")));
            node.write(
                    "all.yaml",
                    NodeOnLoop.image("base", base),
                    NodeOnLoop.sliver("s", by, laying(url), "instanceSerial: 2"),
                    NodeOnLoop.sliver("plain", by));
            said = node.apply();
            assertEquals(0, said.status(), said.text());
            assertEquals("second", Files.readString(root.resolve("etc/app/conf")));
            assertEquals(3, node.mounts());
        }
    }

    private static void check(Path root) throws IOException {
        assertEquals("first", Files.readString(root.resolve("etc/app/conf")));
        assertEquals("kept", Files.readString(root.resolve("etc/kept")));
        assertEquals("a file now", Files.readString(root.resolve("full")));
        assertEquals("a directory now", Files.readString(root.resolve("file/inside")));
        assertTrue(Files.isRegularFile(root.resolve("link"), LinkOption.NOFOLLOW_LINKS));
        assertTrue(Files.isDirectory(root.resolve("usr/bin")));
        assertEquals(2, Files.getAttribute(root.resolve("new/two"), "unix:nlink"));
        assertEquals(
                Files.getAttribute(root.resolve("new/two"), "unix:ino"),
                Files.getAttribute(root.resolve("new/deep/one"), "unix:ino"));
        assertEquals(NEWER, Files.getLastModifiedTime(root.resolve("new")));
        assertEquals(NEWER, Files.getLastModifiedTime(root.resolve("new/deep")));
        // The archive has no entries for these: they stay as the base has them.
        assertEquals(OLD, Files.getLastModifiedTime(root.resolve("etc")));
        assertEquals(OLD, Files.getLastModifiedTime(root.resolve("etc/app")));
        assertEquals(OLD, Files.getLastModifiedTime(root.resolve("root")));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("root"))));
    }

    @Test
    void whatIsRefusedDropsOnlyItsSliver() throws IOException {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.EXT4)) {
            String base = base(node);
            Path bad = Files.createDirectory(node.archives.resolve("bad"));
            Files.writeString(bad.resolve("good"), "good");
            Path escaping = node.archives.resolve("escaping.tar");
            dev.veneer.node.testkit.Commands.run(
                    "tar",
                    "-C",
                    bad.toString(),
                    "-cf",
                    escaping.toString(),
                    "--transform=s,good,../../good,",
                    "-P",
                    "good");
            String digest = "sha256:" + "0".repeat(64);
            node.write(
                    "all.yaml",
                    NodeOnLoop.image("base", base),
                    NodeOnLoop.sliver("good", laying(content(node, "first"))),
                    NodeOnLoop.sliver("escaping", laying(escaping.toUri().toString())),
                    NodeOnLoop.sliver("missing", laying("file:///none/such.tar")),
                    NodeOnLoop.sliver(
                            "wrong", "content: {archive: {url: \"" + base + "\", digest: \"" + digest + "\"}}"));
            NodeOnLoop.Said said = node.apply();
            assertEquals(1, said.status(), said.text());
            assertTrue(said.text().contains("sliver default/escaping: ContentRefused"), said.text());
            assertTrue(said.text().contains("sliver default/missing: FetchFailed"), said.text());
            assertTrue(said.text().contains("sliver default/wrong: DigestMismatch"), said.text());
            check(node.rootfs("good"));
            for (String name : List.of("escaping", "missing", "wrong")) {
                assertFalse(Files.exists(node.revision(name, 1)), name);
                assertEquals(List.of(), node.mountedAt(node.rootfs(name)));
            }
            assertEquals(2, node.mounts());
        }
    }

    @Test
    void aMirrorServesWhatTheFirstAddressDoesNotHave() throws IOException {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.EXT4)) {
            String mirror = content(node, "first");
            node.write(
                    "all.yaml",
                    NodeOnLoop.image("base", base(node)),
                    NodeOnLoop.sliver(
                            "s", "content: {archive: {url: \"file:///none\", mirrors: [\"" + mirror + "\"]}}"));
            NodeOnLoop.Said said = node.apply();
            assertEquals(0, said.status(), said.text());
            check(node.rootfs("s"));
        }
    }

    @Test
    void aRunKilledWhileLayingLeavesOnlyStaging() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.EXT4)) {
            Path tree = Files.createDirectory(node.archives.resolve("many"));
            for (int i = 0; i < 5000; i++) {
                Files.writeString(
                        Files.createDirectories(tree.resolve("d" + i % 50)).resolve("f" + i), "content");
            }
            node.write("base.yaml", NodeOnLoop.image("base", base(node)));
            assertEquals(0, node.apply().status());
            node.write("s.yaml", NodeOnLoop.sliver("s", laying(node.pack("many", tree, List.of(".")))));
            List<String> command = OtherJvm.command(Main.class);
            command.addAll(List.of("apply", "-f", node.files.toString(), "--store", node.store.toString()));
            Process killed = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(node.archives.resolve("said").toFile())
                    .start();
            boolean caught = false;
            while (killed.isAlive() && !caught) {
                caught = laid(node) > 100;
            }
            killed.destroyForcibly().waitFor();
            assertTrue(caught, () -> "it was too fast, or failed: " + said(node));
            assertEquals(1, node.mounts());
            assertFalse(Files.exists(node.store.resolve("slivers/default/s")));
            NodeOnLoop.Said said = node.apply();
            assertEquals(0, said.status(), said.text());
            try (Stream<Path> all = Files.walk(node.rootfs("s"))) {
                assertEquals(
                        5000,
                        all.filter(path -> path.getFileName().toString().matches("f[0-9]+"))
                                .count());
            }
            assertEquals(
                    0,
                    Objects.requireNonNull(
                                    node.store.resolve("staging").toFile().list())
                            .length);
        }
    }

    /** How many files are in upper directories in staging now. */
    private static long laid(NodeOnLoop node) {
        long count = 0;
        File[] batches = node.store.resolve("staging").toFile().listFiles();
        for (File batch : batches == null ? new File[0] : batches) {
            File[] slivers = batch.listFiles((dir, name) -> !name.startsWith("base."));
            for (File sliver : slivers == null ? new File[0] : slivers) {
                for (int i = 0; i < 50; i++) {
                    String[] files = new File(sliver, "revisions/1/upper/d" + i).list();
                    count += files == null ? 0 : files.length;
                }
            }
        }
        return count;
    }

    private static String said(NodeOnLoop node) {
        try {
            return Files.readString(node.archives.resolve("said"));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
