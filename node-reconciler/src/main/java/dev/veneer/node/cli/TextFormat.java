package dev.veneer.node.cli;

/** The choice of commands whose result is not an object: for a person or for a program. */
enum TextFormat {
    TEXT,
    JSON
}
