package dev.veneer.node.model;

import java.util.Set;

/**
 * A sliver as it is in the store and in the kernel.
 *
 * @param record its durable record
 * @param inForce the spec in force, read from the record
 * @param revisions numbers of the revisions on the disk
 * @param rootfs what is mounted at its rootfs
 * @param container its container
 */
public record ActualSliver(
        SliverRecord record,
        DesiredSliver inForce,
        Set<Integer> revisions,
        RootfsFacts rootfs,
        ContainerState container) {
    public ActualSliver {
        revisions = Set.copyOf(revisions);
    }

    /** Whether the host ids of its range are in use, or may be: below somebody else's mount its own cannot be seen. */
    public boolean holdsIds() {
        boolean mapped =
                rootfs instanceof RootfsFacts.Ours ours ? ours.mapped() : rootfs instanceof RootfsFacts.Foreign;
        return record.idRange() != null && (mapped || container.running());
    }
}
