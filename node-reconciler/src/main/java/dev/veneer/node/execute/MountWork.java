package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.RootfsMount;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.plan.Action;
import dev.veneer.node.store.StoreView;
import dev.veneer.node.store.StoredSliver;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Mounts what is to be mounted. All stores are asked together whether something uses them already, since a question to
 * the kernel about hundreds costs as much as one about a single store; those made by this very run can't be in use.
 */
final class MountWork {
    /** Two: the kernel serialises mounting itself, and only the calls around it run beside each other. */
    private static final int PARALLEL = 2;

    private final NodeTools tools;

    MountWork(NodeTools tools) {
        this.tools = tools;
    }

    /** A mount on its way. */
    private record Job(Action action, SliverRecord record, RootfsMount mount, boolean fresh) {}

    void run(List<Action> actions, Run run) {
        try {
            mount(actions, run);
        } finally {
            tools.mounts().mountingIsOver();
        }
    }

    private void mount(List<Action> actions, Run run) {
        List<Job> jobs = prepare(actions, run);
        List<Job> old = new ArrayList<>(jobs);
        old.removeIf(Job::fresh);
        Map<RootfsMount, NodeException> used =
                tools.mounts().inUse(old.stream().map(Job::mount).toList());
        Workers.forEach(jobs, PARALLEL, "mount", job -> {
            NodeException inUse = used.get(job.mount());
            if (inUse != null) {
                run.failed(job.action(), run.now(), inUse);
            } else {
                run.perform(job.action(), () -> {
                    tools.mounts().mount(job.record(), job.mount(), job.fresh());
                    return "";
                });
            }
        });
        for (Action action : actions) {
            if (action instanceof Action.Reattach reattach) {
                run.perform(action, () -> {
                    tools.mounts()
                            .reattach(
                                    record(
                                            reattach.id().toString(),
                                            tools.store().scanOwnChanges()),
                                    reattach.pid());
                    return "";
                });
            }
        }
    }

    private List<Job> prepare(List<Action> actions, Run run) {
        Set<Object> made = new HashSet<>();
        for (ActionResult result : run.results()) {
            boolean makes =
                    result.action() instanceof Action.CreateSliver || result.action() instanceof Action.NewInstance;
            if (makes && result.outcome() == ActionResult.Outcome.DONE) {
                made.add(result.action().object());
            }
        }
        List<Job> jobs = new ArrayList<>();
        StoreView view;
        try {
            view = tools.store().scanOwnChanges();
        } catch (NodeException e) {
            actions.forEach(action -> run.failed(action, run.now(), e));
            return jobs;
        }
        for (Action action : actions) {
            if (!(action instanceof Action.Mount mount)) {
                continue;
            }
            NodeException blocked = run.blocked(action.object());
            if (blocked != null) {
                run.skipped(action, blocked);
                continue;
            }
            try {
                SliverRecord record = record(mount.id().toString(), view);
                jobs.add(new Job(
                        action,
                        record,
                        tools.mounts().describe(record, mount.mapped()),
                        made.contains(action.object())));
            } catch (NodeException e) {
                run.failed(action, run.now(), e);
            }
        }
        return jobs;
    }

    private static SliverRecord record(String id, StoreView view) throws NodeException {
        StoredSliver sliver = view.slivers().get(SliverId.parse(id));
        if (sliver == null) {
            throw new NodeException(Reason.Failed, Follow.RETRY, "sliver " + id + " is not in the store any more");
        }
        return sliver.record();
    }
}
