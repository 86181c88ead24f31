package dev.veneer.node.app;

import dev.veneer.api.Reason;
import dev.veneer.node.cli.CommandException;
import dev.veneer.node.cli.CompactCommand;
import dev.veneer.node.cli.Outcome;
import dev.veneer.node.cli.Progress;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.loop.DesiredInput;
import dev.veneer.node.loop.PassResult;
import dev.veneer.node.loop.Reconciler;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.MountSpec;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.SourceState;
import dev.veneer.node.observe.StateObserver.Look;
import dev.veneer.node.plan.Requests;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.store.Store;
import dev.veneer.node.store.StoreLockedException;
import dev.veneer.node.tree.ManifestReader;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.rewrite.BaseLinks;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.Change;
import dev.veneer.node.tree.rewrite.Compaction;
import dev.veneer.node.tree.rewrite.ForeignLayerException;
import dev.veneer.node.tree.rewrite.TreeReader;
import dev.veneer.node.tree.rewrite.UpperReader;
import dev.veneer.node.tree.rewrite.ViewReader;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** {@code veneer compact}: one sliver, by the running agent when there is one, else by this process. */
public final class Compacting implements CompactCommand.Compacting {
    @Override
    public Outcome compact(StoreOptions store, SliverId id, Progress progress)
            throws NodeException, CommandException, IOException, InterruptedException {
        try (NodeParts node = NodeParts.openExisting(store.directory(), "veneer compact")) {
            return tell(Applying.untilStopped(new Once(node, id, progress), node.runtime(), progress), progress);
        } catch (StoreLockedException e) {
            return new AgentClient(store.directory())
                    .compact(id, progress)
                    .orElseThrow(() -> new CommandException(Outcome.LOCKED, String.valueOf(e.getMessage())));
        }
    }

    /** Says what the compaction came to, and what is left. */
    static Outcome tell(PassResult result, Progress progress) {
        progress.end();
        for (ActionResult each : result.results()) {
            if (each.action() instanceof Rewrite.Compact && each.outcome() == ActionResult.Outcome.DONE) {
                progress.say(each.action().object() + ", compacted: " + each.detail());
            }
        }
        Outcome told = Applying.tell(result, progress);
        for (ActionResult each : result.results()) {
            NodeException failure = each.failure();
            if (failure != null) {
                return failure.follow() == Follow.WAIT ? Outcome.WAITING : Outcome.SOME_FAILED;
            }
        }
        return told;
    }

    /** Passes in which the sliver is declared as it is, and compacted in the one in which that is possible. */
    static final class Once implements Applying.Pass {
        private final NodeParts node;
        private final SliverId id;
        private final Progress progress;
        private final Reconciler reconciler;

        Once(NodeParts node, SliverId id, Progress progress) throws NodeException {
            Lookup.sliver(node, id);
            this.node = node;
            this.id = id;
            this.progress = progress;
            this.reconciler = new Reconciler(new AsItIs(id), node.observer(), Clock.systemUTC());
        }

        @Override
        public PassResult run() throws NodeException {
            return reconciler.pass(
                    Look.EVERYTHING,
                    node.tools(null),
                    node.reporter(),
                    new ProgressListener(progress),
                    () -> Thread.currentThread().isInterrupted(),
                    Requests.toCompact(Set.of(id)));
        }
    }

    /** One sliver as its record declares it, in the name of the source that did. */
    private record AsItIs(SliverId id) implements DesiredInput {
        @Override
        public DesiredState read(ActualState known) {
            ActualSliver sliver = known.slivers().get(id);
            TreeMap<SliverId, DesiredSliver> slivers = new TreeMap<>();
            String source = "";
            if (sliver != null) {
                slivers.put(id, sliver.inForce());
                source = sliver.record().sourceId();
            }
            return new DesiredState(
                    new TreeMap<>(), slivers, null, new SourceState(source, false, null, false, Set.of(), List.of()));
        }

        @Override
        public void decided(DesiredState desired, ActualState known, Store store) {
            // nothing was declared that a later reading would have to know of
        }
    }

    @Override
    public CompactCommand.Estimate estimate(StoreOptions store, SliverId id) throws NodeException {
        try (NodeParts node = NodeParts.openReadOnly(store.directory())) {
            SliverRecord record = Lookup.sliver(node, id);
            StorageDriver driver = node.expected().driver(record);
            LinuxCalls calls = node.calls();
            MountSpec spec = node.expected().of(record, false).spec();
            String tree = spec instanceof MountSpec.Overlay overlay
                    ? overlay.layers() + "/" + overlay.upper()
                    : ((MountSpec.Bind) spec).directory();
            String manifest = node.store().layout().absoluteManifest(record.baseDigest());
            int slash = manifest.lastIndexOf('/');
            SafeOpen open = new SafeOpen(calls);
            try (Fd directory = new Fd(calls, open.ownDirectory(manifest.substring(0, slash)));
                    Fd from = new Fd(calls, open.ownDirectory(tree));
                    Fd scratch = new Fd(calls, open.ownDirectory(System.getProperty("java.io.tmpdir", "/tmp")));
                    ManifestReader reader = ManifestReader.open(
                            calls, directory.number(), PathBytes.of(manifest.substring(slash + 1)))) {
                BaseRecords records = new BaseRecords(reader, BaseLinks.of(reader));
                ViewReader view = spec instanceof MountSpec.Overlay
                        ? UpperReader.estimating(calls, records, from.number())
                        : TreeReader.estimating(calls, records, from.number());
                try (Change change = Compaction.of(calls, view, records, path -> false, scratch.number())) {
                    return new CompactCommand.Estimate(
                            driver.name(),
                            change.tally().heldPaths(),
                            change.tally().heldBytes(),
                            change.tally().droppedPaths(),
                            change.tally().droppedBytes());
                }
            } catch (LinuxException e) {
                throw new NodeException(
                        Reason.Failed,
                        Follow.RETRY,
                        "sliver " + id + " cannot be compared with its base: " + e.getMessage(),
                        e);
            } catch (ForeignLayerException e) {
                throw new NodeException(
                        Reason.Damaged, Follow.STALLED, "sliver " + id + " cannot be compacted: " + e.getMessage(), e);
            }
        }
    }
}
