/** What the agent counts and measures, and how Prometheus reads it; the names stand in {@code docs/metrics.md}. */
@NullMarked
package dev.veneer.node.metrics;

import org.jspecify.annotations.NullMarked;
