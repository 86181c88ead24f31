package dev.veneer.node.plan;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A plan in the making: collects actions and findings and drops what a remembered failure or a full disk forbids. */
final class Draft {
    private final PlanInput input;
    private final List<Action> actions = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();

    Draft(PlanInput input) {
        this.input = input;
    }

    void find(ObjectRef object, Reason reason, Follow follow, String message) {
        findings.add(new Finding(object, reason, follow, message));
    }

    /**
     * Takes over what is to be done for one object, as far as a remembered failure lets it.
     *
     * @param spec what is tried now, as {@link PastFailure#specSeen} has it
     */
    void addAll(ObjectRef object, String spec, List<Action> wanted) {
        PastFailure failure = waitingFor(object, spec, input.now());
        // What failed and is no longer wanted holds up nothing.
        if (failure == null || wanted.stream().noneMatch(action -> action.phase() == failure.phase())) {
            actions.addAll(wanted);
            return;
        }
        boolean held = false;
        for (Action action : wanted) {
            if (!failure.phase().isHeldWith(action.phase())) {
                actions.add(action);
            } else {
                held = true;
            }
        }
        if (held) {
            find(object, failure.reason(), failure.follow(), failure.message());
        }
    }

    void add(Action action) {
        actions.add(action);
    }

    /** What is declared now and tried, refused or not; empty when none is. */
    String declaredSpec(SliverId sliver) {
        DesiredSliver declared = input.desired().slivers().get(sliver);
        return declared == null ? "" : declared.attempt();
    }

    /** Whether one more step of a sliver is not to be tried yet, which is told; the others go on without it. */
    boolean isHeldBack(SliverId sliver, Phase phase) {
        ObjectRef object = ObjectRef.of(sliver);
        PastFailure failure = waitingFor(object, declaredSpec(sliver), input.now());
        if (failure == null || failure.phase() != phase) {
            return false;
        }
        find(object, failure.reason(), failure.follow(), failure.message());
        return true;
    }

    /** The failure for which an object still waits, or null. */
    @Nullable
    PastFailure waitingFor(ObjectRef object, String spec, Instant now) {
        PastFailure failure = input.failures().get(object);
        if (failure == null || !failure.specSeen().equals(spec) || !now.isBefore(failure.retryAt())) {
            return null;
        }
        return failure;
    }

    /** Whether the plan so far imports something, whose digest may be that of a base that is there. */
    boolean imports() {
        return actions.stream().anyMatch(Action.ImportImage.class::isInstance);
    }

    Plan finish() {
        return new Plan(actions, findings);
    }
}
