package dev.veneer.node.runtime;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Runs programs of the host: LXC's tools. */
interface Programs {
    /**
     * What a program left behind.
     *
     * @param exit its exit status, 128 and the signal's number when a signal ended it
     * @param output what it wrote to both streams, cut to a sane length
     */
    record Result(int exit, String output) {}

    /**
     * Runs a program with nothing to read, in an empty environment but for a {@code PATH}, and waits for it.
     *
     * @param command absolute path and arguments
     * @param path the search path that it sees
     * @throws IOException when it cannot be run or takes longer
     */
    Result run(List<String> command, String path, Duration atMost) throws IOException;

    /** Runs a program with this process's own streams and terminal, and returns its exit status. */
    int attach(List<String> command, String path) throws IOException;

    /** The command lines that the process of a command has one after the other; the last is the command itself. */
    default List<List<String>> stages(List<String> command) throws IOException {
        return List.of(command);
    }
}
