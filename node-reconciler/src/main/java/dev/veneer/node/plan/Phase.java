package dev.veneer.node.plan;

/**
 * The order in which a plan's actions are carried out: what takes away use comes first, what is used is made before its
 * users, data go last.
 */
public enum Phase {
    STOP,
    UNMOUNT,
    IMPORT,
    FORM,
    RECORD,
    MOUNT,
    START,
    REMOVE,
    COLLECT
}
