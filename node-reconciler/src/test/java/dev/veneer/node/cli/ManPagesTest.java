package dev.veneer.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.app.Commands;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The committed manual pages and completion are those of the commands. {@code -Dveneer.regenerate=true} writes them. */
class ManPagesTest {
    private static final Path PROJECT = Path.of("..");

    private static Map<String, String> generated() {
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
        return ManPages.generate(Veneer.commandLine(Terminal.of(nowhere, nowhere, "", Map.of()), Commands.wired()));
    }

    @Test
    void generatedFilesAreFresh() throws IOException {
        Map<String, String> files = generated();
        if (Boolean.getBoolean("veneer.regenerate")) {
            for (String directory : Set.of("man", "completion")) {
                Files.createDirectories(PROJECT.resolve(directory));
            }
            for (String stale : committed()) {
                Files.delete(PROJECT.resolve(stale));
            }
            for (Map.Entry<String, String> file : files.entrySet()) {
                Files.writeString(PROJECT.resolve(file.getKey()), file.getValue());
            }
        }
        String remedy = "run mvn -pl node-reconciler -am -Dveneer.regenerate=true -Dtest=ManPagesTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false test";
        assertEquals(files.keySet(), committed(), remedy);
        for (Map.Entry<String, String> file : files.entrySet()) {
            String found = Files.readString(PROJECT.resolve(file.getKey()));
            assertEquals(file.getValue(), found, file.getKey() + " is stale: " + remedy);
        }
    }

    private static Set<String> committed() throws IOException {
        Set<String> found = new TreeSet<>();
        for (String directory : Set.of("man", "completion")) {
            if (Files.isDirectory(PROJECT.resolve(directory))) {
                try (Stream<Path> list = Files.list(PROJECT.resolve(directory))) {
                    list.forEach(file -> found.add(directory + "/" + file.getFileName()));
                }
            }
        }
        return found;
    }

    @Test
    void aPageHasWhatAManualPageHas() {
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
        Map<String, String> files = ManPages.generate(
                Veneer.commandLine(Terminal.of(nowhere, nowhere, "", Map.of()), new FakeNode().commands()));
        String page = files.get("man/veneer-apply.1");
        for (String section : new String[] {"NAME", "SYNOPSIS", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"}) {
            assertTrue(page.contains("\n.SH " + section + "\n"), section);
        }
        assertTrue(page.contains("\\fB\\-\\-prune\\fR\n"), page);
        assertFalse(page.contains("$$"), page);
        assertTrue(files.get("man/veneer.1").contains(".B describe\n"));
        assertTrue(files.containsKey("man/veneer-store-check.1"));
        assertTrue(files.get("completion/veneer.bash").contains("rebuild-index"));
    }
}
