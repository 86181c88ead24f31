package dev.veneer.node.cli;

/** What {@code veneer export} writes. */
public enum ExportFormat {
    /** The base and the changes, as an image that stands by itself. */
    IMAGE,
    /** The changes alone. */
    LAYER
}
