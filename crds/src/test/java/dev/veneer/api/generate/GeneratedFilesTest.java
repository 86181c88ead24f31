package dev.veneer.api.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The generated files are those that the types give. {@code -Dveneer.regenerate=true} writes them anew. */
class GeneratedFilesTest {
    private final CrdFiles files = new CrdFiles(Path.of("").toAbsolutePath());

    @Test
    void generatedFilesAreFresh() throws IOException {
        if (Boolean.getBoolean("veneer.regenerate")) {
            files.write();
        }
        for (Map.Entry<Path, String> file : files.generate().entrySet()) {
            String found = Files.exists(file.getKey()) ? Files.readString(file.getKey()) : "";
            assertEquals(
                    file.getValue(),
                    found,
                    file.getKey()
                            + " is stale: run mvn -pl crds -Dveneer.regenerate=true -Dtest=GeneratedFilesTest test");
        }
    }
}
