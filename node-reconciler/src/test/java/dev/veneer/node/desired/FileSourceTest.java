package dev.veneer.node.desired;

import static dev.veneer.node.desired.Readings.NODE;
import static dev.veneer.node.desired.Readings.errors;
import static dev.veneer.node.desired.Readings.image;
import static dev.veneer.node.desired.Readings.names;
import static dev.veneer.node.desired.Readings.sliver;
import static dev.veneer.node.desired.Readings.source;
import static dev.veneer.node.desired.Readings.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files are read, in which order, and how often. */
class FileSourceTest {
    @TempDir
    private Path dir;

    @Test
    void readsADirectoryRecursivelyInOrderAndSkipsTheRest() {
        write(dir.resolve("b.yaml"), image("b"));
        write(dir.resolve("a/z.yml"), image("z"));
        write(
                dir.resolve("c.JSON"),
                "{\"apiVersion\":\"veneer.dev/v1alpha1\",\"kind\":\"BaseImage\",\"metadata\":{\"name\":\"c\"},"
                        + "\"spec\":{\"source\":{\"directory\":{\"path\":\"/c\"}}}}");
        write(dir.resolve(".hidden.yaml"), "nonsense");
        write(dir.resolve(".git/x.yaml"), "nonsense");
        write(dir.resolve("README.md"), "nonsense");
        write(dir.resolve("d.yaml~"), "nonsense");
        Reading reading = source(dir).read();
        assertEquals(List.of(), errors(reading));
        assertEquals(List.of("baseimage z", "baseimage b", "baseimage c"), names(reading));
        assertTrue(reading.whole());
    }

    @Test
    void standardInputGivenTwiceIsReadOnce() {
        ByteArrayInputStream in = new ByteArrayInputStream(image("a").getBytes(StandardCharsets.UTF_8));
        Reading reading = new FileSource(List.of("-", "-"), NODE, in, Clock.systemUTC()).read();
        assertEquals(List.of("baseimage a"), names(reading));
        assertEquals(List.of(), errors(reading));
    }

    @Test
    void followsLinksToFilesAsMountedConfigMapsNeed() throws IOException {
        write(dir.resolve("..data/a.yaml"), image("a"));
        Files.createSymbolicLink(dir.resolve("a.yaml"), Path.of("..data/a.yaml"));
        Files.createSymbolicLink(dir.resolve("loop"), dir);
        Reading reading = source(dir).read();
        assertEquals(List.of("baseimage a"), names(reading));
        assertEquals(List.of(), errors(reading));
    }

    @Test
    void tellsWhatCannotBeRead() throws IOException {
        Files.createSymbolicLink(dir.resolve("nowhere.yaml"), Path.of("gone"));
        assertEquals(dir + "/nowhere.yaml", errors(source(dir).read()).get(0).where());
        Reading gone = source(dir.resolve("gone")).read();
        assertEquals(
                "cannot be read: there is no such file or directory",
                errors(gone).get(0).message());
        assertEquals(null, errors(gone).get(0).object());
    }

    @Test
    void whatIsNoFileIsNotOpened() throws IOException, InterruptedException {
        Path fifo = dir.resolve("fifo.yaml");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        assertEquals(
                "is neither a file nor a directory",
                errors(source(dir).read()).get(0).message());
    }

    @Test
    void singleFilesAndStandardInputAreNoWhole() {
        Path file = write(dir.resolve("a.yaml"), image("a"));
        assertFalse(source(file).read().whole());
        assertFalse(source(dir, file).read().whole());
        assertFalse(Readings.ofText(image("a")).whole());
    }

    @Test
    void aFileThatIsGivenTwiceIsReadOnce() {
        Path file = write(dir.resolve("a.yaml"), image("a"));
        assertEquals(
                List.of("baseimage a"),
                names(source(dir, file, dir.resolve("../" + dir.getFileName())).read()));
    }

    @Test
    void readsAgainOnlyWhatHasChanged() throws IOException {
        Path a = write(dir.resolve("a.yaml"), image("a"));
        Path b = write(dir.resolve("b.yaml"), image("b"));
        FileSource source = source(dir);
        Reading first = source.read();
        Reading second = source.read();
        assertSame(first, second);
        write(b, image("c"));
        Files.setLastModifiedTime(b, FileTime.from(Instant.parse("2031-01-01T00:00:00Z")));
        Reading third = source.read();
        assertSame(first.objects().get(0), third.objects().get(0));
        assertEquals(List.of("baseimage a", "baseimage c"), names(third));
        Files.delete(a);
        assertEquals(List.of("baseimage c"), names(source.read()));
        source.forget();
        assertNotSame(third.objects().get(1), source.read().objects().get(0));
    }

    @Test
    void aFileThatHasJustChangedIsReadAgainThoughItsTimeIsTheSame() throws IOException {
        Path a = write(dir.resolve("a.yaml"), image("a"));
        FileTime time = Files.getLastModifiedTime(a);
        FileSource source =
                new FileSource(List.of(dir.toString()), NODE, new ByteArrayInputStream(new byte[0]), Clock.systemUTC());
        assertEquals(List.of("baseimage a"), names(source.read()));
        write(a, image("b"));
        Files.setLastModifiedTime(a, time);
        assertEquals(List.of("baseimage b"), names(source.read()));
    }

    /** Every writer that is not careful empties a file first: what it then lacks is not to be taken for removed. */
    @Test
    void aFileThatWasJustEmptiedMayBeHalfWritten() throws IOException {
        Path a = write(dir.resolve("a.yaml"), "");
        FileSource source =
                new FileSource(List.of(dir.toString()), NODE, new ByteArrayInputStream(new byte[0]), Clock.systemUTC());
        assertEquals(1, errors(source.read()).size());
        assertTrue(
                errors(source.read()).get(0).message().contains("half written"),
                errors(source.read()).toString());
        Files.setLastModifiedTime(a, FileTime.from(Instant.now().minusSeconds(10)));
        assertEquals(List.of(), errors(source.read()));
    }

    @Test
    void standardInputIsReadOnceAndKept() {
        FileSource source = new FileSource(
                List.of("-"),
                NODE,
                new ByteArrayInputStream(image("a").getBytes(StandardCharsets.UTF_8)),
                Clock.systemUTC());
        assertEquals(List.of("baseimage a"), names(source.read()));
        assertEquals(List.of("baseimage a"), names(source.read()));
    }

    @Test
    void theIdentityIsThatOfTheSetOfAbsolutePaths() {
        String id = SourceId.of(List.of("/srv/testbed", "/etc/more.yaml")).id();
        assertEquals(
                id, SourceId.of(List.of("/etc/x/../more.yaml", "/srv/testbed/")).id());
        assertNotEquals(id, SourceId.of(List.of("/srv/testbed")).id());
        assertTrue(id.matches("more-yaml-[0-9a-f]{12}"), id);
        assertEquals(
                "/etc/more.yaml\n/srv/testbed",
                SourceId.of(List.of("/srv/testbed", "/etc/more.yaml")).identity());
        assertTrue(SourceId.of(List.of("-")).id().startsWith("stdin-"));
        assertTrue(SourceId.of(List.of("/")).id().startsWith("root-"));
        assertTrue(SourceId.of(List.of("/\u00fc/" + "x".repeat(250))).id().length() <= 63);
        assertEquals(
                SourceId.of(List.of("some/dir")).id(),
                SourceId.of(List.of(Path.of("some/dir").toAbsolutePath().toString()))
                        .id());
    }

    @Test
    void aThousandFilesAreReadAgainQuickly() {
        for (int i = 0; i < 1000; i++) {
            write(dir.resolve("s" + i + ".yaml"), sliver("s" + i));
        }
        FileSource source = source(dir);
        assertEquals(1000, source.read().objects().size());
        long before = System.nanoTime();
        for (int i = 0; i < 5; i++) {
            assertEquals(1000, source.read().objects().size());
        }
        assertTrue(System.nanoTime() - before < 5_000_000_000L);
    }
}
