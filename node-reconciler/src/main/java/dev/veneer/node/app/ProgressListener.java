package dev.veneer.node.app;

import dev.veneer.node.cli.Progress;
import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.execute.ExecutionListener;
import dev.veneer.node.execute.Working;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.image.ImportProgress;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.WorkProgress;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.ActionWords;
import dev.veneer.node.plan.Phase;
import dev.veneer.node.plan.Rewrite;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a person and the log how an execution goes on: one line of the log an action. */
final class ProgressListener implements ExecutionListener {
    private static final Logger LOG = LoggerFactory.getLogger("veneer.action");

    private final Progress progress;
    private final AtomicLong ended = new AtomicLong();

    ProgressListener(Progress progress) {
        this.progress = progress;
    }

    @Override
    public void phase(Phase phase, int actions) {
        ended.set(0);
        if (phase != Phase.IMPORT) {
            progress.begin(phase.name().toLowerCase(Locale.ROOT), actions, Progress.Unit.THINGS);
        }
    }

    @Override
    public void importing(Action.ImportImage action, ImportProgress reached) {
        progress.working(
                "importing " + action.image().name(),
                new WorkProgress(
                        reached.files(), 0, reached.readBytes(), Math.max(0, reached.totalBytes()), reached.elapsed()));
    }

    @Override
    public void working(List<Working> now) {
        WorkProgress all = now.get(0).reached();
        for (Working each : now.subList(1, now.size())) {
            all = all.with(each.reached());
        }
        progress.working(
                now.size() == 1
                        ? now.get(0).action().object() + ": " + now.get(0).what()
                        : now.size() + " slivers are rewritten",
                all);
    }

    @Override
    public void begins(Action action) {
        ActionWords words = ActionWords.of(action);
        progress.say(action.object() + ": " + words.verb() + " begins: " + words.detail());
    }

    @Override
    public void ended(ActionResult result) {
        progress.reached(ended.incrementAndGet());
        Action action = result.action();
        ActionWords words = ActionWords.of(action);
        NodeException failure = result.failure();
        boolean longOne = action instanceof Rewrite || action instanceof Action.TakeSnapshot;
        if (longOne && result.outcome() == ActionResult.Outcome.DONE) {
            progress.say(action.object() + ": " + words.verb() + " done in "
                    + result.took().toMillis() + " ms: " + result.detail());
        }
        if (result.outcome() == ActionResult.Outcome.FAILED && failure != null) {
            progress.say("failed: " + action.object() + ": " + words.verb() + ": " + failure.getMessage());
        }
        if (action instanceof Action.StartContainer && !result.detail().isEmpty()) {
            progress.say(action.object() + ": started; " + result.detail());
        }
        switch (result.outcome()) {
            case DONE ->
                LOG.atInfo()
                        .addKeyValue("object", action.object())
                        .addKeyValue("action", action.getClass().getSimpleName())
                        .addKeyValue("millis", result.took().toMillis())
                        .addKeyValue("detail", result.detail())
                        .log("{}: {}", words.verb(), action.reason());
            case FAILED ->
                LOG.atWarn()
                        .addKeyValue("object", action.object())
                        .addKeyValue("action", action.getClass().getSimpleName())
                        .addKeyValue("reason", failure == null ? "" : failure.reason())
                        .log("{} failed: {}", words.verb(), failure == null ? "" : failure.getMessage());
            case SKIPPED ->
                LOG.atDebug()
                        .addKeyValue("object", action.object())
                        .addKeyValue("action", action.getClass().getSimpleName())
                        .log("{} not tried: {}", words.verb(), failure == null ? "" : failure.getMessage());
        }
    }

    @Override
    public void leftover(ObjectRef object, NodeException why) {
        progress.say("left behind: " + object + ": " + why.getMessage());
        LOG.atWarn().addKeyValue("object", object).log("left behind: {}", why.getMessage());
    }
}
