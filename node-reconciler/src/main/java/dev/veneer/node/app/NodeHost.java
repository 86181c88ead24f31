package dev.veneer.node.app;

import dev.veneer.node.runtime.Host;

/**
 * Where containers run: where this process is, unless {@code $VENEER_HOST_PROCESS} names a process of the node, as it does for
 * an agent in a pod. Not an option, so that commands in the pod go by it too.
 */
final class NodeHost {
    private static final String VARIABLE = "VENEER_HOST_PROCESS";

    private NodeHost() {}

    static Host read() {
        return Host.of(VARIABLE, System.getenv(VARIABLE));
    }
}
