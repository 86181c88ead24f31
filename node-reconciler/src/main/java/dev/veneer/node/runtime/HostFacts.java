package dev.veneer.node.runtime;

import java.util.Set;

/**
 * What of this host shapes a container's configuration.
 *
 * @param legacyControllers cgroup controllers that lie in hierarchies of version 1
 * @param unifiedControllers cgroup controllers of the unified hierarchy
 * @param seccomp whether the kernel filters system calls
 * @param appArmor what there is of AppArmor
 * @param openFiles this process's hard limit of open files, which LXC cannot raise for a container
 */
record HostFacts(
        Set<String> legacyControllers,
        Set<String> unifiedControllers,
        boolean seccomp,
        AppArmor appArmor,
        long openFiles) {
    /** What a host has of AppArmor. */
    enum AppArmor {
        ABSENT,
        /** The kernel's part only, as on a Debian without the package {@code apparmor}: no profile can be loaded. */
        KERNEL_ONLY,
        USABLE
    }

    HostFacts {
        legacyControllers = Set.copyOf(legacyControllers);
        unifiedControllers = Set.copyOf(unifiedControllers);
    }

    /** The prefix of the configuration keys for a controller, or an empty string when the host does not have it. */
    String cgroupPrefix(String controller) {
        if (legacyControllers.contains(controller)) {
            return "lxc.cgroup." + controller;
        }
        return unifiedControllers.contains(controller) ? "lxc.cgroup2." + controller : "";
    }

    /** Whether there is a unified hierarchy of its own and no controller of version 1. */
    boolean unified() {
        return legacyControllers.isEmpty();
    }
}
