package dev.veneer.api;

/** Under which names Veneer's parts apply fields to objects, documented constants of the API. */
public final class FieldManagers {
    /** The agent of a node: the status of its Slivers and of its NodeStore, and its finalizer on Slivers. */
    public static final String AGENT = "veneer-agent";

    /**
     * The controller: the status of BaseImages, its finalizer on them, and Ready=Unknown where a node does not report any
     * more.
     */
    public static final String CONTROLLER = "veneer-controller";

    private FieldManagers() {}
}
