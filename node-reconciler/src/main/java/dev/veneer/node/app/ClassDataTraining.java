package dev.veneer.node.app;

import dev.veneer.node.cli.Terminal;
import dev.veneer.node.cli.Veneer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * What the launcher runs once for each Java and place to make the class-data archive: loads the classes that commands use,
 * so that later starts map them instead of reading, checking and linking them. Only what has really run is linked, the
 * lambdas above all; therefore a small node is worked on, in a directory and a mount namespace that the launcher makes for
 * it and takes away. Where it cannot, the archive has less in it. Says nothing.
 */
public final class ClassDataTraining {
    /** The first passes of the agent are over by then; if not, some classes are missing from the archive. */
    private static final long AGENT_MILLIS = 1500;

    private ClassDataTraining() {}

    /** Takes the directory to work in, if any; a class that cannot be loaded is simply not in the archive. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        String jar = System.getProperty("java.class.path", "");
        try (JarFile ours = new JarFile(jar)) {
            for (Enumeration<JarEntry> entries = ours.entries(); entries.hasMoreElements(); ) {
                load(entries.nextElement().getName());
            }
        }
        veneer("--help");
        if (arguments.length > 0) {
            node(Path.of(arguments[0]));
        }
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

    private static void node(Path directory) throws IOException, InterruptedException {
        Path declared = Files.createDirectories(directory.resolve("declared"));
        Path base = directory.resolve("base.tar.gz");
        try (OutputStream archive = new GZIPOutputStream(Files.newOutputStream(base))) {
            archive.write(archive("directory/", '5'));
            archive.write(archive("directory/file", '0'));
            archive.write(new byte[1024]);
        }
        Files.writeString(
                declared.resolve("base.yaml"),
                """
                apiVersion: veneer.dev/v1alpha1
                kind: BaseImage
                metadata: {name: base, labels: {of: training}}
                spec: {source: {archive: {url: file://%s}}}
                """
                        .formatted(base));
        Path slivers = declared.resolve("slivers.yaml");
        Files.writeString(
                slivers,
                """
                apiVersion: veneer.dev/v1alpha1
                kind: Sliver
                metadata: {name: one}
                spec: {baseImage: base, driver: overlay}
                ---
                apiVersion: veneer.dev/v1alpha1
                kind: Sliver
                metadata: {name: two}
                spec: {baseImage: base, driver: overlay, desiredState: Registered}
                """);
        String[] files = {"-f", declared.toString()};
        String[] store = {"--store", directory.resolve("store").toString()};
        veneer("plan", files, store);
        veneer("apply", files, store);
        veneer("apply", files, store);
        for (String form : new String[] {"wide", "json", "yaml"}) {
            veneer("get", new String[] {"slivers", "-A", "-o", form}, store);
        }
        veneer("describe", new String[] {"sliver", "one"}, store);
        veneer("diff", new String[] {"sliver", "one"}, store);
        agent(files, store);
        Files.writeString(slivers, "# none any more");
        veneer("apply", files, new String[] {"--allow-shrink"}, store);
    }

    /** The header of an empty file or a directory: ustar, as POSIX.1-1988 describes it. */
    private static byte[] archive(String name, char type) {
        byte[] header = new byte[512];
        put(header, 0, name);
        put(header, 100, type == '5' ? "0000755" : "0000644");
        put(header, 108, "0000000");
        put(header, 116, "0000000");
        put(header, 124, "00000000000");
        put(header, 136, "00000000000");
        put(header, 148, "        ");
        put(header, 156, type + "");
        put(header, 257, "ustar\00000");
        int sum = 0;
        for (byte each : header) {
            sum += each;
        }
        put(header, 148, "%06o\0 ".formatted(sum));
        return header;
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    private static void agent(String[] files, String[] store) throws InterruptedException {
        Thread agent = new Thread(
                () -> veneer("agent", files, store, new String[] {"--resync", "1s", "--metrics-address", "0"}),
                "agent");
        agent.setDaemon(true);
        agent.start();
        agent.join(AGENT_MILLIS);
        agent.interrupt();
        agent.join(10 * AGENT_MILLIS);
    }

    private static void veneer(String command, String[]... options) {
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
        Terminal terminal = Terminal.of(nowhere, nowhere, "", Map.of());
        String[] whole = Stream.concat(
                        Stream.of(command), Arrays.stream(options).flatMap(Arrays::stream))
                .toArray(String[]::new);
        // Whether it worked makes no difference but to the archive.
        Veneer.run(terminal, Commands.wired(), whole);
    }
}
