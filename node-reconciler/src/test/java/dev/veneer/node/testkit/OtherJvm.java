package dev.veneer.node.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines that start a class of these tests in a process of its own, on the Java that runs the tests. */
public final class OtherJvm {
    /** From here on Java warns on standard error about what native calls need, unless it is told to allow it. */
    private static final int WARNS_OF_NATIVE_ACCESS = 24;

    private OtherJvm() {}

    /** {@code java}, options that the launcher gives as well, class path and main class; arguments may be added. */
    public static List<String> command(Class<?> main) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1"));
        if (Runtime.version().feature() >= WARNS_OF_NATIVE_ACCESS) {
            command.add("--enable-native-access=ALL-UNNAMED");
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        command.add("-cp");
        // Failsafe's own class path is only a jar that names the real one.
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(main.getName());
        return command;
    }
}
