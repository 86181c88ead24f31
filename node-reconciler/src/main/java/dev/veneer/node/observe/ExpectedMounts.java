package dev.veneer.node.observe;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.BaseTree;
import dev.veneer.node.driver.DriverRegistry;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.WritableStore;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.RootfsMount;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.store.StoreLayout;

/** What is to be mounted for a sliver, by its record and its driver; the same for who looks and for who mounts. */
public final class ExpectedMounts {
    private final DriverRegistry drivers;
    private final StoreLayout layout;
    private final String mark;

    /**
     * Of the slivers of one store.
     *
     * @param mark {@link dev.veneer.node.store.Store#mark}
     */
    public ExpectedMounts(DriverRegistry drivers, StoreLayout layout, String mark) {
        this.drivers = drivers;
        this.layout = layout;
        this.mark = mark;
    }

    /**
     * The mount of a sliver's current revision.
     *
     * @param mapped with the ids of its range
     */
    public RootfsMount of(SliverRecord record, boolean mapped) throws NodeException {
        StorageDriver driver = driver(record);
        return new RootfsMount(
                mark,
                record.id(),
                record.revision(),
                driver.mount(store(record, record.revision()), base(record, driver)),
                record.rootfs(),
                mapped ? record.idRange() : null);
    }

    /** The driver that made the sliver. */
    public StorageDriver driver(SliverRecord record) throws NodeException {
        return drivers.find(record.driver())
                .orElseThrow(() -> new NodeException(
                        Reason.DriverUnavailable,
                        Follow.STALLED,
                        "this version has no driver " + record.driver() + ", which made sliver " + record.id()));
    }

    /** One revision of the sliver's writable store. */
    public WritableStore store(SliverRecord record, int revision) {
        return new WritableStore(record.id(), revision, layout.absoluteRevision(record.id(), revision));
    }

    /** The base that the sliver stands on, in its driver's form. */
    public BaseTree base(SliverRecord record, StorageDriver driver) {
        return new BaseTree(
                record.baseDigest(), driver.form(), layout.absoluteForm(record.baseDigest(), driver.form()));
    }
}
