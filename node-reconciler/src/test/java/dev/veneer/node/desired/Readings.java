package dev.veneer.node.desired;

import dev.veneer.node.model.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the tests of this package share. */
final class Readings {
    static final Node NODE = new Node("node-1", "/srv/veneer", Set.of("overlay", "btrfs-snapshot", "copy"), Map.of());
    static final String API = "apiVersion: veneer.dev/v1alpha1\n";

    private Readings() {}

    static String sliver(String name, String... lines) {
        return API + "kind: Sliver\nmetadata:\n  name: " + name + "\nspec:\n  baseImage: debian\n"
                + (lines.length == 0 ? "" : "  " + String.join("\n  ", lines) + "\n");
    }

    static String image(String name) {
        return API + "kind: BaseImage\nmetadata:\n  name: " + name
                + "\nspec:\n  source:\n    directory:\n      path: /srv/trees/" + name + "\n";
    }

    static String store(String name, String path, String... lines) {
        return API + "kind: NodeStore\nmetadata:\n  name: " + name + "\nspec:\n  path: " + path + "\n"
                + (lines.length == 0 ? "" : "  " + String.join("\n  ", lines) + "\n");
    }

    static Reading ofText(String text) {
        return ofBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    static Reading ofBytes(byte[] bytes) {
        return new FileSource(List.of("-"), NODE, new ByteArrayInputStream(bytes), Clock.systemUTC()).read();
    }

    /** A source whose clock is far ahead, so that all files are settled. */
    static FileSource source(Path... paths) {
        return new FileSource(
                List.of(paths).stream().map(Path::toString).toList(),
                NODE,
                new ByteArrayInputStream(new byte[0]),
                Clock.fixed(Instant.parse("2100-01-01T00:00:00Z"), ZoneOffset.UTC));
    }

    static Path write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static List<String> names(Reading reading) {
        return reading.objects().stream().map(o -> o.ref().toString()).toList();
    }

    static List<Problem> errors(Reading reading) {
        List<Problem> all = new java.util.ArrayList<>(reading.problems());
        reading.objects().forEach(object -> all.addAll(object.problems()));
        return all.stream().filter(problem -> !problem.warning()).toList();
    }
}
