package dev.veneer.node.runtime;

/**
 * A process that can be told from a later one with the same number.
 *
 * @param pid its number, 0 for none
 * @param startTime field 22 of {@code /proc/PID/stat}: clock ticks since boot
 */
record ProcessRef(int pid, long startTime) {
    static final ProcessRef NONE = new ProcessRef(0, 0);
}
