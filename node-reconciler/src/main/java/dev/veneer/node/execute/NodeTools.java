package dev.veneer.node.execute;

import dev.veneer.node.driver.DriverRegistry;
import dev.veneer.node.image.Importer;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.model.DesiredStore;
import dev.veneer.node.runtime.ContainerRuntime;
import dev.veneer.node.store.IdRangePromises;
import dev.veneer.node.store.Store;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * What the executor works with.
 *
 * @param calls system calls
 * @param store the store, open for writing
 * @param drivers all drivers
 * @param mounts mounts and what is known of their use
 * @param importer imports base images
 * @param runtime runs containers
 * @param bases what is known of bases
 * @param looks what was found out about slivers that are being stopped
 * @param promises keeps ids apart from those of other stores
 * @param settings the NodeStore in force
 * @param secrets absolute path of the directory of secrets, or null
 * @param clock the time
 */
public record NodeTools(
        LinuxCalls calls,
        Store store,
        DriverRegistry drivers,
        RootfsMounts mounts,
        Importer importer,
        ContainerRuntime runtime,
        KnownBases bases,
        Looks looks,
        IdRangePromises promises,
        DesiredStore settings,
        @Nullable String secrets,
        Clock clock) {

    /** The same under other settings. */
    public NodeTools with(DesiredStore other) {
        return other.equals(settings)
                ? this
                : new NodeTools(
                        calls, store, drivers, mounts, importer, runtime, bases, looks, promises, other, secrets,
                        clock);
    }
}
