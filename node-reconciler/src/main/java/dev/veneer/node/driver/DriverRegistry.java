package dev.veneer.node.driver;

import dev.veneer.node.driver.btrfs.BtrfsSnapshotDriver;
import dev.veneer.node.driver.copy.CopyDriver;
import dev.veneer.node.driver.overlay.OverlayDriver;
import dev.veneer.node.linux.LinuxCalls;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All drivers, in the order in which {@code auto} prefers them. A new driver is one line in {@link #all}.
 */
public final class DriverRegistry {
    /**
     * A driver and why it has its place in the order.
     *
     * @param driver the driver
     * @param because what speaks for it, as it stands in {@code status.driverReason} when {@code auto} chose it
     */
    public record Entry(StorageDriver driver, String because) {}

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** In this order of preference; for tests with drivers of their own. */
    public DriverRegistry(List<Entry> inOrder) {
        for (Entry entry : inOrder) {
            if (entries.put(entry.driver().name(), entry) != null) {
                throw new IllegalArgumentException(
                        "two drivers are called " + entry.driver().name());
            }
        }
    }

    /** Those that Veneer has. */
    public static DriverRegistry all(LinuxCalls calls) {
        return new DriverRegistry(List.of(
                new Entry(new OverlayDriver(calls), "shares the base's bytes and its pages in memory"),
                new Entry(new BtrfsSnapshotDriver(calls), "shares the base's bytes"),
                new Entry(new CopyDriver(calls), "works on every file system")));
    }

    /** The driver of that name. */
    public Optional<StorageDriver> find(String name) {
        return Optional.ofNullable(entries.get(name)).map(Entry::driver);
    }

    /** All, the preferred first. */
    public List<Entry> inOrder() {
        return List.copyOf(entries.values());
    }

    /** All names, the preferred first. */
    public List<String> names() {
        return List.copyOf(entries.keySet());
    }
}
