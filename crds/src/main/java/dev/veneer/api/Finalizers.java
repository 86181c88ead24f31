package dev.veneer.api;

/** The finalizers that Veneer puts on objects, documented constants of the API. */
public final class Finalizers {
    /** On a Sliver, put there and taken off by the agent of its node: the node may hold its data. */
    public static final String NODE_DATA = "veneer.dev/node-data";

    /** On a BaseImage, put there and taken off by the controller: slivers may use it. */
    public static final String IN_USE = "veneer.dev/in-use";

    private Finalizers() {}
}
