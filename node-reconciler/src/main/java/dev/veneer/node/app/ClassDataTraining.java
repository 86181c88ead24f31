package dev.veneer.node.app;

import dev.veneer.node.cli.Json;
import dev.veneer.node.cli.Terminal;
import dev.veneer.node.cli.Veneer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * What the launcher runs once for each Java and place to make the class-data archive: loads the classes that commands
 * use, so that later starts map them instead of reading and checking them. Says nothing and touches no store.
 */
public final class ClassDataTraining {
    private ClassDataTraining() {}

    /** Loads and exits; a class that cannot be loaded is simply not in the archive. */
    public static void main(String[] arguments) throws IOException {
        String jar = System.getProperty("java.class.path", "");
        try (JarFile ours = new JarFile(jar)) {
            for (Enumeration<JarEntry> entries = ours.entries(); entries.hasMoreElements(); ) {
                load(entries.nextElement().getName());
            }
        }
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
        Terminal terminal = Terminal.of(nowhere, nowhere, "", Map.of());
        Veneer.run(terminal, Commands.wired(), "--help");
        Json.print(nowhere, Json.list(java.util.List.of()));
        Json.printYaml(nowhere, Json.list(java.util.List.of()));
    }

    private static void load(String entry) {
        if (!entry.startsWith("dev/veneer/") || !entry.endsWith(".class") || entry.endsWith("package-info.class")) {
            return;
        }
        String name = entry.substring(0, entry.length() - ".class".length()).replace('/', '.');
        try {
            Class.forName(name, false, ClassDataTraining.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            // Not in the archive then; the command that needs it will tell.
            return;
        }
    }
}
