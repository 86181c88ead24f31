package dev.veneer.api.v1alpha1;

/** Whether root inside a sliver is root of the node. */
public enum UserNamespaceMode {
    /** An unprivileged id outside while Started; ids as they are while only Deployed. */
    Auto,
    /** An unprivileged id outside, when Deployed too. */
    Always,
    /** Never mapped; only where the NodeStore allows it. */
    Host
}
