package dev.veneer.node.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The library of Debian's package libfaketime, by which a process sees another time than the machine has. */
final class WrongClock {
    private WrongClock() {}

    static Path library() {
        try (Stream<Path> found = Files.find(
                Path.of("/usr/lib"), 3, (path, attributes) -> path.endsWith("faketime/libfaketimeMT.so.1"))) {
            return found.findFirst().orElseThrow(() -> new AssertionError("the package faketime is not installed"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
