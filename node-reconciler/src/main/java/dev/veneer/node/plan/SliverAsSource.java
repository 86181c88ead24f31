package dev.veneer.node.plan;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.DeletionPolicy;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.ImageSource;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SourceState;
import org.jspecify.annotations.Nullable;

/** Whether the sliver that a BaseImage is to be made of can be read. */
final class SliverAsSource {
    private SliverAsSource() {}

    /** Why not, and what to do; null when it can, or when the source is no sliver. */
    static @Nullable Finding waits(PlanInput input, DesiredBaseImage image) {
        if (!(image.source() instanceof ImageSource.Sliver source)) {
            return null;
        }
        ObjectRef ref = ObjectRef.image(image.name());
        SliverId id = source.id();
        ActualSliver sliver = input.actual().slivers().get(id);
        if (sliver == null) {
            boolean declared = input.desired().slivers().containsKey(id);
            return new Finding(
                    ref,
                    Reason.Progressing,
                    Follow.WAIT,
                    declared
                            ? "waits for sliver " + id + ", which is declared and not made yet"
                            : "waits for sliver " + id + ", which is not on this node: declare it, or correct"
                                    + " spec.source.sliver in a new BaseImage");
        }
        if (sliver.record().dataDeleted()) {
            return new Finding(
                    ref,
                    Reason.FetchFailed,
                    Follow.STALLED,
                    "sliver " + id + " has no data any more: they were removed after its deleteAfter");
        }
        if (isGoing(input, sliver)) {
            return new Finding(
                    ref,
                    Reason.InUse,
                    Follow.WAIT,
                    "sliver " + id + " is no longer declared and is being removed: declare it again to make a base"
                            + " image of it");
        }
        if (sliver.container().running()) {
            return new Finding(
                    ref,
                    Reason.InUse,
                    Follow.WAIT,
                    "sliver " + id + " runs, and is read when it does not: stop it with desiredState: Deployed");
        }
        return null;
    }

    /** Whether it is taken away as soon as that is possible. */
    private static boolean isGoing(PlanInput input, ActualSliver sliver) {
        SourceState source = input.desired().source();
        return !input.desired().slivers().containsKey(sliver.record().id())
                && sliver.inForce().deletionPolicy() == DeletionPolicy.Delete
                && sliver.record().sourceId().equals(source.id())
                && source.prunes()
                && (source.hold() == null
                        || source.removals()
                                .contains(ObjectRef.of(sliver.record().id())));
    }
}
