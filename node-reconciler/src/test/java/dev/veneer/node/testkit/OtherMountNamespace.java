package dev.veneer.node.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * A process in a private mount namespace of its own, copied from the present one: it holds every mount there is now. It
 * ends when closed, and also when the JVM dies, since it waits for the end of its input.
 */
public final class OtherMountNamespace implements AutoCloseable {
    private final Process process;

    private OtherMountNamespace(Process process) {
        this.process = process;
    }

    /** Starts it, and a shell command in it before it begins to wait. */
    public static OtherMountNamespace start(String shellCommand) {
        try {
            Process process = new ProcessBuilder(
                            "unshare",
                            "--mount",
                            "--propagation",
                            "private",
                            "sh",
                            "-ec",
                            shellCommand + "\necho ready\nexec cat")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader output =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            String line = output.readLine();
            if (!"ready".equals(line)) {
                process.destroyForcibly();
                throw new AssertionError("the shell command failed, said " + line);
            }
            return new OtherMountNamespace(process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it. */
    public static OtherMountNamespace start() {
        return start("true");
    }

    /** The process, whose {@code /proc/PID/ns/mnt} is the namespace. */
    public int pid() {
        return Math.toIntExact(process.pid());
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
