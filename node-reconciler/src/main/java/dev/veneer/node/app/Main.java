package dev.veneer.node.app;

import dev.veneer.node.cli.Terminal;
import dev.veneer.node.cli.Veneer;

/** The program {@code veneer}. */
public final class Main {
    private Main() {}

    /** Runs one command and ends the process with its status. */
    public static void main(String[] arguments) {
        System.exit(Veneer.run(Terminal.ofProcess(), Commands.wired(), arguments));
    }
}
