package dev.veneer.node.runtime;

/**
 * How far a log was read.
 *
 * @param file inode number of the file; a new run of the container has a new one
 * @param offset bytes
 */
public record LogPosition(long file, long offset) {
    /** Nothing was read yet. */
    public static final LogPosition START = new LogPosition(0, 0);
}
