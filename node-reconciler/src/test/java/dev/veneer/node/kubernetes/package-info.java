/** The parts of the link to a cluster that need none; the link itself is tried with a real API server, in {@code app}. */
package dev.veneer.node.kubernetes;
