package dev.veneer.node.driver;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.MountSpec;

/**
 * A way to build a sliver's root file system from a base image and a writable store.
 *
 * <p><b>Vocabulary.</b> A <i>base</i> is an immutable tree that a driver wants in one {@link #form form}. A <i>writable
 * store</i> is a directory of the driver's own making, {@code revisions/<n>} of one sliver; what lies in it is the
 * driver's business alone. The <i>rootfs</i> is where the view of both is mounted.
 *
 * <p><b>Life of a writable store.</b> {@link #create} fills an empty directory in staging; the executor makes it
 * durable and publishes it by a rename; {@link #mount} says what to mount; {@link #inspect} tells whether it is whole;
 * {@link #usage} measures it; {@link #remove} empties it, after the executor has moved it to the trash.
 *
 * <p>Example, overlay: {@code create} makes {@code upper} and {@code work}; {@code mount} returns an overlay of the
 * base's directory and these two. Example, btrfs-snapshot: {@code create} snapshots the base's subvolume as
 * {@code tree}; {@code mount} returns a bind of it.
 *
 * <p>A driver holds no state, never mounts, never publishes, never touches a path outside the directories that it is
 * handed, and may be called by several threads for different stores. Adding a method here is expensive, since every
 * driver pays for it: what only some can do is a small interface of its own, and what differs in degree is data in
 * {@link DriverCapabilities}.
 */
public interface StorageDriver {
    /** Its name in {@code spec.driver} and status, such as {@code overlay}. */
    String name();

    /** What it can do, as data. What is not declared here fails in the agreed way. */
    DriverCapabilities capabilities();

    /** The form of a base image that it builds on. */
    BaseForm form();

    /**
     * Tries, in a scratch directory of the store, whether this machine and file system can do it. Leaves nothing
     * behind. Never throws for a machine that cannot: that is an answer.
     */
    Availability probe(String scratchDirectory);

    /**
     * Makes a new writable store on a base in an existing, empty directory.
     *
     * <p>When it fails, the caller removes what is there with {@link #remove}. Durability is the caller's.
     */
    void create(WritableStore store, BaseTree base) throws LinuxException, NodeException;

    /** What to mount as the root file system. Pure: looks at nothing. */
    MountSpec mount(WritableStore store, BaseTree base);

    /**
     * Makes the store fit to be mounted (a fresh work directory, say) after it was unmounted for whatever reason, and
     * tells whether it is whole. Cheap: some system calls, not a walk.
     *
     * @throws NodeException {@code Damaged} with what is missing
     */
    void inspect(WritableStore store) throws LinuxException, NodeException;

    /** Bytes and inodes; walks, so only on the schedule. Tolerates a store that changes under it. */
    Usage usage(WritableStore store, BaseTree base) throws LinuxException, NodeException;

    /**
     * Removes everything in the store's directory, whatever its owner put there; the directory itself stays. May be
     * called again after it was interrupted.
     */
    void remove(WritableStore store) throws LinuxException, NodeException;
}
