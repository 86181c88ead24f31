package dev.veneer.node.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs tools of the system in tests. */
public final class Commands {
    private Commands() {}

    /** Runs a command to its end and returns what it printed, trimmed; fails with its output when it fails. */
    public static String run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            if (status != 0) {
                throw new AssertionError(List.of(command) + " ended with " + status + ": " + output);
            }
            return output.strip();
        } catch (IOException e) {
            throw new AssertionError("cannot run " + List.of(command), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Like {@link #run}, but a failure is only told by false: for cleaning up. */
    public static boolean tryRun(String... command) {
        try {
            run(command);
            return true;
        } catch (AssertionError e) {
            return false;
        }
    }
}
