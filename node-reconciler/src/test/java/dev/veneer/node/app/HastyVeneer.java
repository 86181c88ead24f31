package dev.veneer.node.app;

import dev.veneer.node.cli.Terminal;
import dev.veneer.node.cli.Veneer;
import dev.veneer.node.model.Cadence;
import java.time.Duration;

/**
 * The program {@code veneer} whose agent is heard of in a cluster some times as often as in earnest, and waits so much less for
 * who is not heard of: for tests of what comes of the waiting.
 */
public final class HastyVeneer {
    private static final Cadence CADENCE = new Cadence(
            Duration.ofSeconds(4),
            Duration.ofSeconds(20),
            Duration.ofSeconds(15),
            Duration.ofSeconds(30),
            Cadence.USUAL.patience());

    private HastyVeneer() {}

    /** Runs one command and ends the process with its status. */
    public static void main(String[] arguments) {
        System.exit(Veneer.run(Terminal.ofProcess(), Commands.wired(new Agent(CADENCE)), arguments));
    }
}
