package dev.veneer.node.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code spec.lxc}: how the container runs.
 *
 * @param config additional {@code key = value} lines, checked by the runtime
 * @param bridge name of the host's bridge that a veth is put on, or null for no network
 * @param memoryBytes memory limit, 0 for none
 * @param milliCpus cpu limit in thousandths of a cpu, 0 for none
 * @param pids limit of processes, 0 for none
 * @param environment variables for the container's init
 */
public record LxcSettings(
        List<String> config,
        @Nullable String bridge,
        long memoryBytes,
        long milliCpus,
        long pids,
        Map<String, String> environment) {
    /** No additions, no network, no limits. */
    public static final LxcSettings NONE = new LxcSettings(List.of(), null, 0, 0, 0, Map.of());

    public LxcSettings {
        config = List.copyOf(config);
        environment = Map.copyOf(environment);
    }
}
