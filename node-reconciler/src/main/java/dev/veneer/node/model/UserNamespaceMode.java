package dev.veneer.node.model;

/** {@code spec.userNamespace}: when a sliver's ids are mapped to an unprivileged range. */
public enum UserNamespaceMode {
    /** Mapped while {@code Started}; as they are while only {@code Deployed}. */
    Auto,
    /** Mapped when {@code Deployed} too. */
    Always,
    /** Never mapped; only where the NodeStore allows it. */
    Host;

    /** Whether a sliver in this power state is mounted with mapped ids. */
    public boolean maps(PowerState state) {
        return switch (this) {
            case Auto -> state == PowerState.Started;
            case Always -> state.atLeast(PowerState.Deployed);
            case Host -> false;
        };
    }
}
