package dev.veneer.node.log;

/** How a line of the log looks. */
public enum LogFormat {
    /** {@code 2026-01-02T03:04:05.678Z INFO  mounted sliver=default/web ms=3}. */
    TEXT,
    /** One JSON object: {@code time}, {@code level}, {@code logger}, {@code message}, the pairs, {@code error}. */
    JSON
}
