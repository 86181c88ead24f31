package dev.veneer.node.driver.conformance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file system on a loop device, mounted for one test class; nothing of it is left afterwards. */
public final class ScratchFileSystem implements AutoCloseable {
    private static final long SIZE = 600L << 20;

    private final Path directory;
    private final Path mount;

    private ScratchFileSystem(Path directory) {
        this.directory = directory;
        this.mount = directory.resolve("mnt");
    }

    /** Makes one of this type: {@code btrfs}, {@code xfs} or {@code ext4}. */
    public static ScratchFileSystem make(String type) throws IOException {
        Path directory = Files.createTempDirectory("veneer-" + type);
        ScratchFileSystem made = new ScratchFileSystem(directory);
        try {
            Path image = directory.resolve("image");
            try (var file = new java.io.RandomAccessFile(image.toFile(), "rw")) {
                file.setLength(SIZE);
            }
            Files.createDirectory(made.mount);
            run("mkfs." + type, "-q", image.toString());
            run("mount", "-o", "loop", image.toString(), made.mount.toString());
            return made;
        } catch (IOException | RuntimeException e) {
            made.close();
            throw e;
        }
    }

    /** Where it is mounted. */
    public Path root() {
        return mount;
    }

    @Override
    public void close() throws IOException {
        if (Files.exists(mount)) {
            if (isMounted()) {
                run("umount", mount.toString());
            }
            Files.delete(mount);
        }
        Files.deleteIfExists(directory.resolve("image"));
        Files.delete(directory);
    }

    private boolean isMounted() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1).stream()
                .anyMatch(line -> line.contains(" " + mount + " "));
    }

    /** Runs a program to its end; its output is the message when it fails. */
    public static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", List.of(command)) + ": " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return output;
    }
}
