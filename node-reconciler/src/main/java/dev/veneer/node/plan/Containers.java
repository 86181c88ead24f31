package dev.veneer.node.plan;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.RestartBackoff;
import java.time.Instant;
import java.util.List;

/** Plans that containers start and stop. */
final class Containers {
    private final PlanInput input;
    private final Draft draft;

    Containers(PlanInput input, Draft draft) {
        this.input = input;
        this.draft = draft;
    }

    static Action stop(DesiredSliver sliver, String reason) {
        return new Action.StopContainer(sliver.id(), sliver.grace(), reason);
    }

    void start(DesiredSliver sliver, List<Action> actions) {
        String unavailable = input.actual().node().lxcUnavailable();
        if (unavailable.isEmpty()) {
            actions.add(new Action.StartContainer(sliver, "desiredState is Started"));
        } else {
            draft.find(
                    ObjectRef.of(sliver.id()),
                    Reason.LxcUnavailable,
                    Follow.WAIT,
                    "its container is not started: " + unavailable);
        }
    }

    /** The same for one that may have ended by itself a moment ago. */
    void restart(DesiredSliver sliver, ActualSliver actual, List<Action> actions) {
        ContainerState container = actual.container();
        if (container.phase() == ContainerState.Phase.CRASHED) {
            Instant next = RestartBackoff.next(container.starts(), input.now());
            if (next.isAfter(input.now())) {
                draft.find(
                        ObjectRef.of(sliver.id()),
                        Reason.ContainerFailed,
                        Follow.RETRY,
                        "its container ended by itself (" + container.message() + "); started again at " + next);
                return;
            }
        }
        start(sliver, actions);
    }
}
