package dev.veneer.node.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Tells whether a test left mounts or loop devices behind: what there is below a directory now, compared with before.
 * Only that directory is looked at, since other tests may run beside.
 */
public final class Leftovers {
    /** How the names of this process's directories begin: another one may run other tests beside. */
    static final String PREFIX = "veneer-it-" + ProcessHandle.current().pid() + "-";

    private final String below;
    private final Set<String> before;

    private Leftovers(String below) {
        this.below = below;
        this.before = now();
    }

    /** Remembers what there is below a directory. */
    public static Leftovers below(Path directory) {
        return new Leftovers(directory.toString());
    }

    /** Remembers what there is below the directory where {@link LoopDevice} works for this process. */
    public static Leftovers ofLoopDevices() {
        return new Leftovers(System.getProperty("java.io.tmpdir") + "/" + PREFIX);
    }

    /** Fails when there is more or less than before. */
    public void assertNone() {
        assertEquals(before, now(), "mounts and loop devices below " + below);
    }

    private Set<String> now() {
        Set<String> found = new TreeSet<>();
        mountTargets().stream().filter(t -> t.startsWith(below)).forEach(t -> found.add("mount " + t));
        backingFiles().stream().filter(f -> f.startsWith(below)).forEach(f -> found.add("loop device of " + f));
        return found;
    }

    /** All mount points of this mount namespace, in the order of the table. */
    static List<String> mountTargets() {
        try {
            List<String> targets = new ArrayList<>();
            for (String line : Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1)
                    .split("\n", -1)) {
                String[] fields = line.split(" ", -1);
                if (fields.length > 4) {
                    byte[] target = unescape(fields[4]).getBytes(StandardCharsets.ISO_8859_1);
                    targets.add(new String(target, StandardCharsets.UTF_8));
                }
            }
            return targets;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String unescape(String field) {
        return field.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\043", "#")
                .replace("\\134", "\\");
    }

    private static List<String> backingFiles() {
        List<String> files = new ArrayList<>();
        File[] blocks = new File("/sys/block").listFiles((dir, name) -> name.startsWith("loop"));
        for (File block : blocks == null ? new File[0] : blocks) {
            Path file = block.toPath().resolve("loop/backing_file");
            try {
                files.add(Files.exists(file) ? Files.readString(file).strip() : "");
            } catch (IOException e) {
                // Freed meanwhile: not a leftover.
                files.add("");
            }
        }
        return files;
    }
}
