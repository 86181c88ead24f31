package dev.veneer.api;

/** The labels that Veneer reads, documented constants of the API. All take the value {@code "true"}. */
public final class Labels {
    /**
     * On a namespace: its slivers may ask for what reaches beyond them ({@code rootfs}, {@code lxc.config},
     * {@code userNamespace: Host}, files and secrets of the node), as far as the NodeStore allows it.
     */
    public static final String TRUSTED = "veneer.dev/trusted";

    private Labels() {}
}
