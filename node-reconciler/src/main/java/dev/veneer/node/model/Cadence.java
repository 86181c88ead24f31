package dev.veneer.node.model;

import java.time.Duration;

/**
 * How often the agent is heard of, and after what it takes the API server for away.
 *
 * @param renewal how often the Lease is renewed
 * @param lease how long it counts without being renewed
 * @param away a server that does not answer for longer is away; one that is started again is so for less
 * @param watch how long a watch lasts before it is begun anew
 * @param patience how long an answer is waited for
 */
public record Cadence(Duration renewal, Duration lease, Duration away, Duration watch, Duration patience) {
    /** As it is in earnest. With the four watches, an idle agent makes less than one request in ten seconds. */
    public static final Cadence USUAL = new Cadence(
            Duration.ofSeconds(15),
            Duration.ofSeconds(60),
            Duration.ofSeconds(45),
            Duration.ofSeconds(125),
            Duration.ofSeconds(10));
}
