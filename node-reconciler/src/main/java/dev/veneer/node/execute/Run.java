package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.failure.StopRequested;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.plan.Action;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** One execution of one plan: what became of each action so far, and which objects have failed. Thread-safe. */
final class Run {
    /** What is done for one action; returns a detail for people. */
    interface Work {
        String run() throws LinuxException, NodeException;
    }

    private final Clock clock;
    private final ExecutionListener listener;
    private final List<ActionResult> results = new ArrayList<>();
    private final Map<ObjectRef, NodeException> failed = new ConcurrentHashMap<>();
    private final Set<ObjectRef> deferred = ConcurrentHashMap.newKeySet();

    Run(Clock clock, ExecutionListener listener) {
        this.clock = clock;
        this.listener = listener;
    }

    ExecutionListener listener() {
        return listener;
    }

    Instant now() {
        return clock.instant();
    }

    /** Why an action is not to be tried, or null. */
    @Nullable
    NodeException blocked(ObjectRef object) {
        return failed.get(object);
    }

    /** What began goes on by itself: the object's later actions are for a later plan, made when it is over. */
    void defer(ObjectRef object) {
        deferred.add(object);
    }

    /** Whether the object's later actions are for a later plan. */
    boolean isDeferred(ObjectRef object) {
        return deferred.contains(object);
    }

    /** What failed left the object as it was, so that its later actions may be done all the same. */
    void goOn(ObjectRef object) {
        failed.remove(object);
    }

    /** What is done for one action. */
    interface EffectiveWork {
        ActionResult.Effect run() throws LinuxException, NodeException;
    }

    /** What is looked at before an action. */
    interface Trial {
        void run() throws LinuxException, NodeException;
    }

    /** Whether nothing is found that keeps an action from being done; else it has failed. */
    boolean isTried(Action action, Trial trial) {
        Instant start = now();
        try {
            trial.run();
            return true;
        } catch (LinuxException e) {
            unfit(action, start, Failures.of(e, "preparing this: " + action.reason()));
        } catch (NodeException e) {
            unfit(action, start, e);
        } catch (StopRequested e) {
            skipped(action, stopped());
        } catch (RuntimeException e) {
            unfit(action, start, new NodeException(Reason.Failed, Follow.RETRY, "internal error: " + e, e));
        }
        return false;
    }

    /** The run was told to stop before an action. */
    void interrupted(Action action) {
        skipped(
                action,
                new NodeException(Reason.Progressing, Follow.RETRY, "the run was told to stop before this step"));
    }

    private static NodeException stopped() {
        return new NodeException(
                Reason.Progressing,
                Follow.RETRY,
                "the run was told to stop while this was read; it is done by the next");
    }

    /** Does one action now and notes how it ended. */
    void perform(Action action, Work work) {
        performWithEffect(action, () -> ActionResult.Effect.told(work.run()));
    }

    /** The same for an action that status has more to say of. */
    void performWithEffect(Action action, EffectiveWork work) {
        NodeException before = blocked(action.object());
        if (before != null) {
            skipped(action, before);
            return;
        }
        Instant start = now();
        try {
            end(action, ActionResult.Outcome.DONE, null, true, start, work.run());
        } catch (LinuxException e) {
            failed(action, start, Failures.of(e, "doing this: " + action.reason()));
        } catch (NodeException e) {
            failed(action, start, e);
        } catch (StopRequested e) {
            skipped(action, stopped());
        } catch (RuntimeException e) {
            // A bug of ours in one object's work must not keep the other objects from theirs (invariant 7).
            failed(action, start, new NodeException(Reason.Failed, Follow.RETRY, "internal error: " + e, e));
        }
    }

    private void unfit(Action action, Instant start, NodeException failure) {
        failed.putIfAbsent(action.object(), failure);
        end(action, ActionResult.Outcome.FAILED, failure, false, start, ActionResult.Effect.NONE);
    }

    void done(Action action, Instant start, String detail) {
        end(action, ActionResult.Outcome.DONE, null, true, start, ActionResult.Effect.told(detail));
    }

    void failed(Action action, Instant start, NodeException failure) {
        failed.putIfAbsent(action.object(), failure);
        end(action, ActionResult.Outcome.FAILED, failure, true, start, ActionResult.Effect.NONE);
    }

    void skipped(Action action, NodeException because) {
        failed.putIfAbsent(action.object(), because);
        end(action, ActionResult.Outcome.SKIPPED, because, false, now(), ActionResult.Effect.NONE);
    }

    private void end(
            Action action,
            ActionResult.Outcome outcome,
            @Nullable NodeException failure,
            boolean begun,
            Instant start,
            ActionResult.Effect effect) {
        Instant end = now();
        ActionResult result =
                new ActionResult(action, outcome, failure, begun, end, Duration.between(start, end), effect);
        synchronized (results) {
            results.add(result);
        }
        listener.ended(result);
    }

    List<ActionResult> results() {
        synchronized (results) {
            return List.copyOf(results);
        }
    }
}
