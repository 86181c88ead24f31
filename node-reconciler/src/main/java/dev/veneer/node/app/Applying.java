package dev.veneer.node.app;

import dev.veneer.node.cli.ApplyCommand;
import dev.veneer.node.cli.CommandException;
import dev.veneer.node.cli.Outcome;
import dev.veneer.node.cli.Progress;
import dev.veneer.node.cli.SourceOptions;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.execute.NodeTools;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.loop.PassResult;
import dev.veneer.node.loop.Reconciler;
import dev.veneer.node.model.Problem;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.plan.PlanText;
import dev.veneer.node.runtime.BackgroundStops;
import dev.veneer.node.store.StoreLockedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code veneer apply}: one pass, by the running agent when there is one, else by this process. */
public final class Applying implements ApplyCommand.Applying {
    @Override
    public Outcome apply(StoreOptions store, SourceOptions sources, Progress progress)
            throws NodeException, CommandException, IOException, InterruptedException {
        LinuxCalls calls = new JnrLinuxCalls();
        FileInput input = Sources.open(sources, calls, store.directory());
        try (NodeParts node = NodeParts.open(calls, store.directory(), "veneer apply")) {
            for (String note : node.store().recovery().notes()) {
                progress.say("recovered: " + note);
            }
            return pass(node, input, sources.secrets(), progress);
        } catch (StoreLockedException e) {
            return new AgentClient(store.directory())
                    .apply(sources, progress)
                    .orElseThrow(() -> new CommandException(Outcome.LOCKED, String.valueOf(e.getMessage())));
        }
    }

    private static Outcome pass(NodeParts node, FileInput input, @Nullable Path secrets, Progress progress)
            throws NodeException, InterruptedException {
        Sources.register(input, node.store());
        Reconciler reconciler = new Reconciler(input, node.observer(), Clock.systemUTC());
        NodeTools tools =
                node.tools(secrets == null ? null : secrets.toAbsolutePath().toString());
        PassResult result = untilStopped(
                () -> reconciler.pass(
                        tools, node.reporter(), new ProgressListener(progress), () -> Thread.currentThread()
                                .isInterrupted()),
                node.runtime(),
                progress);
        for (String problem : node.promises().problems()) {
            progress.say("note: host ids are not kept apart from those of other stores of this node: " + problem);
        }
        return tell(result, progress);
    }

    /** One pass. */
    interface Pass {
        PassResult run() throws NodeException, InterruptedException;
    }

    /** Makes passes until no container of the source is left that has to be waited for: what it was stopped for follows, and what ran in it is written down. */
    static PassResult untilStopped(Pass pass, BackgroundStops stops, Progress progress)
            throws NodeException, InterruptedException {
        PassResult result = pass.run();
        while (!result.interrupted()) {
            List<SliverId> underWay = result.underWay();
            if (underWay.isEmpty()) {
                break;
            }
            progress.begin("waiting for containers", underWay.size(), Progress.Unit.THINGS);
            stops.awaitOne(underWay);
            result = pass.run().after(result);
        }
        return result;
    }

    /** Says what was done, what is wrong and what is left. */
    static Outcome tell(PassResult result, Progress progress) {
        progress.end();
        for (Problem problem : result.desired().source().problems()) {
            progress.say(PassOutcome.line(problem));
        }
        String hold = result.desired().source().hold();
        if (hold != null) {
            progress.say("held: " + hold);
        }
        result.left().findings().forEach(finding -> progress.say(PlanText.line(finding)));
        if (result.unwritten() != null) {
            progress.say(PassOutcome.unwritten(result.unwritten()));
        }
        Outcome outcome = PassOutcome.of(result);
        progress.say(summary(result, outcome));
        return outcome;
    }

    private static String summary(PassResult result, Outcome outcome) {
        int findings = result.left().findings().size();
        String left = findings == 0 ? "" : " Not as declared: " + findings + ".";
        if (result.didSomething()) {
            int done = count(result, ActionResult.Outcome.DONE);
            int failed = count(result, ActionResult.Outcome.FAILED);
            int skipped = count(result, ActionResult.Outcome.SKIPPED);
            return "Done: " + counted(done, "action") + (failed == 0 ? "" : ", " + failed + " failed")
                    + (skipped == 0 ? "" : ", " + skipped + " not tried") + "." + left;
        }
        return outcome == Outcome.DONE && findings == 0
                ? "Nothing to do: " + counted(result.actual().slivers().size(), "sliver") + " and "
                        + counted(result.actual().images().size(), "base image") + " are as declared."
                : "Nothing to do." + left;
    }

    private static int count(PassResult result, ActionResult.Outcome outcome) {
        return (int) result.results().stream()
                .filter(each -> each.outcome() == outcome)
                .count();
    }

    private static String counted(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}
