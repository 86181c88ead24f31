package dev.veneer.node.app;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.OtherJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The real command in a process of its own, which is ended at the latest when this is closed. */
final class ChildVeneer implements AutoCloseable {
    private final Process process;
    private final Path output;

    private ChildVeneer(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Starts {@code veneer} with these arguments. */
    static ChildVeneer start(String... arguments) throws IOException {
        return start(OtherJvm.command(Main.class), arguments);
    }

    /** The same with more in its environment. */
    static ChildVeneer start(Map<String, String> environment, String... arguments) throws IOException {
        return start(environment, OtherJvm.command(Main.class), arguments);
    }

    /** Starts a program with these arguments. */
    static ChildVeneer start(List<String> program, String... arguments) throws IOException {
        return start(Map.of(), program, arguments);
    }

    /** The same with more in its environment. */
    static ChildVeneer start(Map<String, String> environment, List<String> program, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("veneer-child-", ".txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        return new ChildVeneer(process, output);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** {@code SIGKILL}; whether it was still running. */
    boolean kill() throws InterruptedException {
        boolean alive = process.isAlive();
        process.destroyForcibly();
        process.waitFor();
        return alive && process.exitValue() == 137;
    }

    /** Sends a signal by its name. */
    void signal(String name) {
        Commands.run("kill", "-" + name, Long.toString(process.pid()));
    }

    /** Waits for the end and returns the exit status. */
    int end() throws InterruptedException {
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            throw new AssertionError("veneer does not end: " + said());
        }
        return process.exitValue();
    }

    /** What it has said so far. */
    String said() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            return "(unreadable: " + e.getMessage() + ")";
        }
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        process.onExit().join();
        Files.deleteIfExists(output);
    }
}
