package dev.veneer.node.plan;

import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.RootfsFacts;
import dev.veneer.node.model.SliverRecord;
import java.util.HashSet;
import java.util.Set;

/** A sliver that is there. */
final class Thing {
    SliverRecord record;
    DesiredSliver inForce;
    final Set<Integer> revisions = new HashSet<>();
    RootfsFacts rootfs = new RootfsFacts.Absent();
    boolean covered;
    ContainerState container = ContainerState.NONE;

    Thing(SliverRecord record, DesiredSliver inForce) {
        this.record = record;
        this.inForce = inForce;
    }
}
