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
    REWRITE,
    MOUNT,
    START,
    RUN_INSIDE,
    SNAPSHOT,
    REMOVE,
    COLLECT;

    /**
     * Whether something of another phase waits while this one's last failure is waited for. What comes later mostly needs
     * what comes earlier; but a sliver that cannot be rewritten lives on as it is, and so does one without its snapshot.
     */
    boolean isHeldWith(Phase other) {
        boolean byItself = this == REWRITE || this == RUN_INSIDE || this == SNAPSHOT;
        return byItself ? other == this : other.compareTo(this) >= 0;
    }
}
