package dev.veneer.node.model;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

    /**
     * A text that is equal exactly when the settings are, whatever JVM made it: what a running container was started
     * with is compared by it.
     */
    public String fingerprint() {
        String all = config + "\n" + bridge + "\n" + memoryBytes + "\n" + milliCpus + "\n" + pids + "\n"
                + new TreeMap<>(environment);
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
