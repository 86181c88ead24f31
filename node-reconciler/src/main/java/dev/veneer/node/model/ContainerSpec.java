package dev.veneer.node.model;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All that the runtime needs in order to run a sliver as a container. Its rootfs is mounted by whoever asks.
 *
 * @param sliver whose container
 * @param instance names this instance of the sliver (its uid and instance serial): a new one is personalised anew
 * @param rootfs absolute path of the mounted root file system
 * @param idRange the host ids that the container's ids 0 to {@code count - 1} are, or null to run with the host's ids
 * @param lxc limits, network, environment, additional configuration
 * @param personalize hostname, machine-id and ssh host keys of its own, made at the instance's first start
 * @param tenantConfig whether {@code lxc.config} may use the wider list of keys
 * @param hostPaths host paths that {@code lxc.mount.entry} may bind
 */
public record ContainerSpec(
        SliverId sliver,
        String instance,
        String rootfs,
        @Nullable IdRange idRange,
        LxcSettings lxc,
        boolean personalize,
        boolean tenantConfig,
        List<String> hostPaths) {
    public ContainerSpec {
        hostPaths = List.copyOf(hostPaths);
    }

    /** What a declared sliver is to be run as, now that its record says which instance it is. */
    public static ContainerSpec of(DesiredSliver sliver, SliverRecord record, DesiredStore store) {
        boolean mapped = sliver.userNamespace().maps(PowerState.Started);
        return new ContainerSpec(
                record.id(),
                record.uid() + "." + record.instanceSerial(),
                record.rootfs(),
                mapped ? record.idRange() : null,
                sliver.lxc(),
                sliver.personalize(),
                store.allowTenantLxcConfig(),
                store.allowHostPaths());
    }

    /**
     * A digest of everything that takes a restart to change. The runtime keeps the one that a container was started
     * with; where it differs from the declared one, the container is to be restarted.
     */
    public String fingerprint() {
        StringBuilder text = new StringBuilder();
        add(text, instance, rootfs, String.valueOf(idRange), String.valueOf(lxc.bridge()));
        add(text, lxc.memoryBytes() + "/" + lxc.milliCpus() + "/" + lxc.pids());
        lxc.config().forEach(line -> add(text, line));
        new TreeMap<>(lxc.environment()).forEach((name, value) -> add(text, name, value));
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Length before content, so that no two lists of fields look the same. */
    private static void add(StringBuilder text, String... fields) {
        for (String field : fields) {
            text.append(field.length()).append(':').append(field).append(',');
        }
    }
}
