package dev.veneer.node.runtime;

/**
 * A piece of a log.
 *
 * @param text made safe for a terminal, without escape sequences; may be empty
 * @param next where to go on
 */
public record LogText(String text, LogPosition next) {}
