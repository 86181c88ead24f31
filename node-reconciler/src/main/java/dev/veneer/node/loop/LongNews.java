package dev.veneer.node.loop;

import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.execute.ExecutionListener;
import dev.veneer.node.execute.Working;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.image.ImportProgress;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.Phase;
import dev.veneer.node.status.StatusReporter;
import java.util.List;

/** Has the status tell of long work while it goes on; passes everything on to whoever listens besides. */
record LongNews(ExecutionListener listener, StatusReporter reporter) implements ExecutionListener {
    @Override
    public void phase(Phase phase, int actions) {
        listener.phase(phase, actions);
    }

    @Override
    public void importing(Action.ImportImage action, ImportProgress progress) {
        listener.importing(action, progress);
        reporter.importing(action.image(), progress.elapsed(), progress.percent());
    }

    @Override
    public void working(List<Working> now) {
        listener.working(now);
        for (Working each : now) {
            reporter.working(each);
        }
    }

    @Override
    public void begins(Action action) {
        listener.begins(action);
    }

    @Override
    public void ended(ActionResult result) {
        listener.ended(result);
    }

    @Override
    public void leftover(ObjectRef object, NodeException why) {
        listener.leftover(object, why);
    }
}
