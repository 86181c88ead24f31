package dev.veneer.node.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ImageSource;
import dev.veneer.node.testkit.Commands;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers, whiteouts and layouts that are wrong. */
class OciImportIT {
    private ImportFixture fixture;
    private int layouts;

    @BeforeEach
    void open() throws IOException {
        fixture = new ImportFixture();
    }

    @AfterEach
    void close() throws Exception {
        assertEquals("untouched", Files.readString(fixture.outside.resolve("canary")));
        fixture.close();
    }

    private LayoutBuilder layout() throws IOException {
        return new LayoutBuilder(fixture.directory.resolve("layout-" + layouts++));
    }

    private ImportResult layers(TarBuilder... layers) throws Exception {
        byte[][] bytes = Stream.of(layers).map(TarBuilder::end).toArray(byte[][]::new);
        Path layout = layout().image("t", bytes).write();
        ImportResult result = fixture.run(new ImageSource.OciLayout(layout.toString(), "t"));
        assertArrayEquals(fixture.manifestByReading(), fixture.manifest());
        return result;
    }

    private Set<String> paths() throws IOException {
        try (Stream<Path> all = Files.walk(fixture.tree())) {
            return all.filter(p -> !p.equals(fixture.tree()))
                    .map(p -> fixture.tree().relativize(p).toString())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static TarBuilder tar() {
        return new TarBuilder();
    }

    @Test
    void whiteoutsHideWhatIsBelow() throws Exception {
        layers(
                tar().directory("d/")
                        .file("d/a")
                        .file("d/b")
                        .file("e/f/g")
                        .file("keep")
                        .symlink("l", "keep"),
                tar().file("d/.wh.a", "")
                        .file("e/.wh.f", "")
                        .file(".wh.absent", "")
                        .file("no/where/.wh.x", ""),
                tar().file(".wh.l", "").file("d/a", "again"));
        assertEquals(Set.of("d", "d/a", "d/b", "e", "keep"), paths());
        assertEquals("again", Files.readString(fixture.tree().resolve("d/a")));
    }

    @Test
    void whiteoutsDoNotHideTheirOwnLayer() throws Exception {
        layers(
                tar().file("d/old").file("f", "old"),
                tar().file("d/new")
                        .file(".wh.d", "")
                        .file("f", "new")
                        .file(".wh.f", "")
                        .file("d/newer"));
        assertEquals(Set.of("d", "d/new", "d/newer", "f"), paths());
        assertEquals("new", Files.readString(fixture.tree().resolve("f")));
    }

    @Test
    void opaqueDirectoriesHideEverythingBelowWhereverTheMarkStands() throws Exception {
        for (boolean first : new boolean[] {true, false}) {
            TarBuilder upper = tar().directory("d/");
            if (first) {
                upper.file("d/.wh..wh..opq", "");
            }
            upper.file("d/new").file("d/sub/new");
            if (!first) {
                upper.file("d/.wh..wh..opq", "");
            }
            layers(tar().file("d/old").file("d/sub/old").file("d/gone/x").file("other"), upper);
            assertEquals(Set.of("d", "d/new", "d/sub", "d/sub/new", "other"), paths());
        }
    }

    @Test
    void anOpaqueRootStartsAnew() throws Exception {
        layers(
                tar().file("a").file("b/c"),
                tar().file("new").file(".wh..wh..opq", "").symlink("s", "x"));
        assertEquals(Set.of("new", "s"), paths());
    }

    @Test
    void layersReplaceOneTypeByAnother() throws Exception {
        layers(
                tar().directory("d/").file("d/x").file("f").symlink("s", "/tmp"),
                tar().file("d", "file")
                        .directory("f/")
                        .file("f/y")
                        .directory("s/")
                        .file("s/z"));
        assertEquals(Set.of("d", "f", "f/y", "s", "s/z"), paths());
        assertFalse(Files.isSymbolicLink(fixture.tree().resolve("s")));
        try (Stream<Path> left = Files.list(fixture.staging())) {
            assertEquals(2, left.count());
        }
    }

    @Test
    void layersMakeTheSameDigestAsOneArchive() throws Exception {
        ImportResult layered = layers(
                tar().directory("d/").file("d/a").file("gone"),
                tar().file(".wh.gone", "").file("d/b").hardLink("h", "d/a"));
        ImportResult single = fixture.archive(tar().directory("d/")
                .file("d/a")
                .file("d/b")
                .hardLink("h", "d/a")
                .end());
        assertEquals(single.digest(), layered.digest());
    }

    static Stream<Arguments> refusedLayers() {
        return Stream.of(
                Arguments.of("l/.wh.canary", tar().symlink("l", "../../outside"), tar().file("l/.wh.canary", "")),
                Arguments.of("l/.wh..wh..opq", tar().symlink("l", "../../outside"), tar().file("l/.wh..wh..opq", "")),
                Arguments.of("f/.wh.x", tar().file("f"), tar().file("f/.wh.x", "")),
                Arguments.of(".wh.", tar(), tar().file(".wh.", "")),
                Arguments.of(".wh..", tar(), tar().file(".wh..", "")),
                Arguments.of("a/.wh...", tar(), tar().file("a/.wh...", "")),
                Arguments.of("../.wh.canary", tar(), tar().file("../.wh.canary", "")),
                Arguments.of(".wh.d/", tar(), tar().directory(".wh.d/")),
                Arguments.of(".wh.d/f", tar(), tar().file(".wh.d/f")),
                Arguments.of("w", tar(), tar().device("w", '3', 0, 0)));
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @MethodSource("refusedLayers")
    void isRefusedByName(String named, TarBuilder lower, TarBuilder upper) {
        NodeException e = assertThrows(NodeException.class, () -> layers(lower, upper));
        assertEquals(Reason.ContentRefused, e.reason());
        assertTrue(e.getMessage().contains("'" + named + "'"), e.getMessage());
    }

    @Test
    void aNameOf255BytesBehindAWhiteout() throws Exception {
        String name = "n".repeat(251);
        layers(
                tar().pax("path", name).file("x"),
                tar().pax("path", ".wh." + name).file("x", ""));
        assertEquals(Set.of(), paths());
        assertThrows(
                NodeException.class,
                () -> layers(tar(), tar().pax("path", ".wh." + name + "n").file("x", "")));
    }

    @Test
    void choosesByReference() throws Exception {
        LayoutBuilder builder = layout().image("one", tar().file("1").end())
                .image("two", tar().file("2").end());
        String path = builder.write().toString();
        fixture.run(new ImageSource.OciLayout(path, "two"));
        assertEquals(Set.of("2"), paths());
        NodeException e =
                assertThrows(NodeException.class, () -> fixture.run(new ImageSource.OciLayout(path, "three")));
        assertTrue(e.getMessage().contains("one, two"), e.getMessage());
        e = assertThrows(NodeException.class, () -> fixture.run(new ImageSource.OciLayout(path, "")));
        assertEquals(Reason.InvalidSpec, e.reason());
    }

    @Test
    void aTarOfALayoutIsReadWhereItLies() throws Exception {
        Path layout = layout().image("t", tar().file("in/side").end()).write();
        Path archive = fixture.directory.resolve("layout.tar");
        Commands.run("tar", "-C", layout.toString(), "-cf", archive.toString(), "blobs", "oci-layout", "index.json");
        ImportResult fromTar = fixture.run(new ImageSource.OciLayout(archive.toString(), ""));
        ImportResult fromDirectory = fixture.run(new ImageSource.OciLayout(layout.toString(), ""));
        assertEquals(fromDirectory.digest(), fromTar.digest());
        Path plain = Files.write(
                fixture.directory.resolve("plain.tar"), tar().file("f").end());
        assertThrows(NodeException.class, () -> fixture.run(new ImageSource.OciLayout(plain.toString(), "")));
    }

    @Test
    void blobsThatAreNotWhatTheyAreCalled() throws Exception {
        byte[] layer = tar().file("f", "right").end();
        LayoutBuilder builder = layout().image("t", layer);
        String path = builder.write().toString();
        byte[] wrong = tar().file("f", "wrong").end();
        Files.write(builder.blob(layer), wrong);
        assertMismatch(path);
        Files.write(builder.blob(layer), new byte[10]);
        assertMismatch(path);
        Files.delete(builder.blob(layer));
        Files.createSymbolicLink(builder.blob(layer), fixture.outside.resolve("canary"));
        assertThrows(NodeException.class, () -> fixture.run(new ImageSource.OciLayout(path, "")));
        Files.delete(builder.blob(layer));
        NodeException e = assertThrows(NodeException.class, () -> fixture.run(new ImageSource.OciLayout(path, "")));
        assertTrue(e.getMessage().contains("lacks blobs/sha256/"), e.getMessage());
    }

    private void assertMismatch(String path) {
        NodeException e = assertThrows(NodeException.class, () -> fixture.run(new ImageSource.OciLayout(path, "")));
        assertEquals(Reason.DigestMismatch, e.reason());
    }

    @Test
    void layoutsThatAreNone() throws Exception {
        String huge = "[".repeat(100_000);
        for (String json : List.of(
                "",
                "[]",
                "null",
                "{",
                "{\"layers\":7}",
                huge,
                "{\"manifests\":[]}",
                "{\"layers\":[{\"digest\":\"sha256:../../../etc/passwd\",\"size\":1}]}",
                "{\"layers\":[{\"digest\":\"md5:0\",\"size\":1}]}",
                "{\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+encrypted\",\"digest\":\"sha256:"
                        + "0".repeat(64) + "\",\"size\":1}]}")) {
            Path path = layout().manifest("t", json).write();
            NodeException e = assertThrows(
                    NodeException.class, () -> fixture.run(new ImageSource.OciLayout(path.toString(), "")));
            assertEquals(Reason.ContentRefused, e.reason(), json.substring(0, Math.min(50, json.length())));
            Files.write(path.resolve("index.json"), json.getBytes(StandardCharsets.UTF_8));
            assertThrows(NodeException.class, () -> fixture.run(new ImageSource.OciLayout(path.toString(), "")));
        }
        assertThrows(NodeException.class, () -> fixture.run(new ImageSource.OciLayout("/absent", "")));
        assertThrows(NodeException.class, () -> fixture.run(new ImageSource.OciLayout("/dev/null", "")));
    }

    @Test
    void directoriesThatAreRefused() throws Exception {
        Path source = Files.createDirectory(fixture.directory.resolve("source"));
        Files.createDirectory(source.resolve("d"));
        Commands.run("mknod", source.resolve("d/sda").toString(), "b", "8", "0");
        assertRefused(source, "d/sda");
        Commands.run("rm", source.resolve("d/sda").toString());
        Commands.run(
                "setfattr",
                "-n",
                "trusted.overlay.opaque",
                "-v",
                "y",
                source.resolve("d").toString());
        assertRefused(source, "trusted.overlay.opaque");
        Commands.run(
                "setfattr", "-x", "trusted.overlay.opaque", source.resolve("d").toString());
        Commands.run("mount", "-t", "tmpfs", "tmpfs", source.resolve("d").toString());
        try {
            assertRefused(source, "/d is the root of another mount");
        } finally {
            Commands.run("umount", source.resolve("d").toString());
        }
        assertRefused(fixture.directory, "contains the store");
        Files.createSymbolicLink(source.resolve("s"), fixture.outside);
        fixture.run(new ImageSource.Directory(source.toString()));
        assertTrue(Files.isSymbolicLink(fixture.tree().resolve("s")));
        assertTrue(Files.isDirectory(fixture.tree().resolve("d"), LinkOption.NOFOLLOW_LINKS));
    }

    private void assertRefused(Path source, String named) {
        NodeException e =
                assertThrows(NodeException.class, () -> fixture.run(new ImageSource.Directory(source.toString())));
        assertEquals(Reason.ContentRefused, e.reason(), e.getMessage());
        assertTrue(e.getMessage().contains(named), e.getMessage());
    }
}
