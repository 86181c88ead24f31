package dev.veneer.api;

/** Where the parts of Veneer find each other in a cluster, documented constants of the installation. */
public final class Installation {
    /** The namespace of agents and controller, of their Leases and of the secrets that base images name. */
    public static final String NAMESPACE = "veneer-system";
    /** The Lease in it by which one of the controller's replicas works. The Lease of a node's agent has the node's name. */
    public static final String CONTROLLER_LEASE = "controller.veneer.dev";

    private Installation() {}
}
