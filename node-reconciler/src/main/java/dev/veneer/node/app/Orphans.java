package dev.veneer.node.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.api.Annotations;
import dev.veneer.api.Reason;
import dev.veneer.node.cli.CommandException;
import dev.veneer.node.cli.GcCommand;
import dev.veneer.node.cli.Outcome;
import dev.veneer.node.cli.Progress;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.loop.DesiredInput;
import dev.veneer.node.loop.PassResult;
import dev.veneer.node.loop.ReconcileLoop;
import dev.veneer.node.loop.Reconciler;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.SourceState;
import dev.veneer.node.observe.StateObserver.Look;
import dev.veneer.node.plan.Finding;
import dev.veneer.node.plan.Requests;
import dev.veneer.node.store.Store;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * {@code veneer gc --orphans}: slivers that lie in the store and that nobody declares. Only the running agent knows them, since
 * it reads what is declared.
 */
final class Orphans {
    private static final String COMMAND = "orphans";
    private static final String REMOVE = "remove";
    private static final String ORPHAN = "orphan";

    private final NodeParts node;
    private final Feed feed;
    private final ReconcileLoop loop;
    private final Progress progress;

    Orphans(NodeParts node, Feed feed, ReconcileLoop loop, Progress progress) {
        this.node = node;
        this.feed = feed;
        this.loop = loop;
        this.progress = progress;
    }

    /** The command's side: asks the running agent. */
    static List<GcCommand.Item> ask(StoreOptions store, boolean remove, Progress progress)
            throws CommandException, IOException {
        ObjectNode request = AgentSocket.JSON.createObjectNode();
        request.put("command", COMMAND).put(REMOVE, remove);
        List<GcCommand.Item> items = new ArrayList<>();
        Outcome outcome = new AgentClient(store.directory())
                .send(request, progress, line -> {
                    if (line.has(ORPHAN)) {
                        items.add(item(line));
                    }
                })
                .orElseThrow(() -> new CommandException(
                        Outcome.LOCKED,
                        "no agent answers for the store " + store.directory()
                                + ": which slivers nobody declares is known by the running agent alone. Start it, and try"
                                + " again"));
        if (outcome != Outcome.DONE && items.isEmpty()) {
            // Why, it has said.
            throw new CommandException(outcome, "nothing was removed");
        }
        return items;
    }

    private static GcCommand.Item item(JsonNode line) {
        return new GcCommand.Item(
                ORPHAN + "/" + line.path(ORPHAN).asText(),
                line.path("goes").asBoolean(),
                line.path("bytes").asLong(-1),
                line.path("failed").asBoolean(),
                line.path("reason").asText());
    }

    static boolean isAsked(JsonNode request) {
        return request.path("command").asText().equals(COMMAND);
    }

    /** The agent's side: does it, tells the client, and returns the exit status. */
    int answer(JsonNode request, AgentSocket.Answer answer) throws NodeException, InterruptedException {
        List<GcCommand.Item> items = request.path(REMOVE).asBoolean() ? remove() : Agent.inLoop(loop, this::list);
        boolean failed = false;
        for (GcCommand.Item item : items) {
            failed |= item.failed();
            answer.line(AgentSocket.JSON
                    .createObjectNode()
                    .put(ORPHAN, item.what())
                    .put("goes", item.removed())
                    .put("bytes", item.bytes())
                    .put("failed", item.failed())
                    .put("reason", item.reason()));
        }
        return (failed ? Outcome.SOME_FAILED : Outcome.DONE).status();
    }

    /** All of them, which would all go. By the loop's thread. */
    private List<GcCommand.Item> list() throws NodeException {
        List<GcCommand.Item> items = new ArrayList<>();
        for (SliverRecord record : records(node.observer().observe())) {
            String other = isOurs(record) ? null : otherSource(record);
            String kept = other == null ? feed.kept(record.id()) : other;
            items.add(item(record, kept == null, false, kept == null ? reason(record) : kept));
        }
        return items;
    }

    /** The records of slivers that nobody declares. */
    private List<SliverRecord> records(ActualState actual) throws NodeException {
        DesiredState desired = feed.input().read(actual);
        String hold = desired.source().hold();
        if (hold != null) {
            throw new NodeException(
                    Reason.SourceHeld,
                    Follow.WAIT,
                    "nobody can tell now what is declared, so nothing is removed: " + hold);
        }
        List<SliverRecord> records = new ArrayList<>();
        for (ActualSliver sliver : actual.slivers().values()) {
            SliverRecord record = sliver.record();
            boolean isKept = record.retainedAt() != null
                    && record.sourceId().equals(desired.source().id())
                    && !desired.slivers().containsKey(record.id())
                    && !desired.source().broken().contains("Sliver " + record.id());
            if (desired.orphans().contains(record.id()) || isKept) {
                records.add(record);
            }
        }
        return records;
    }

    private GcCommand.Item item(SliverRecord record, boolean goes, boolean failed, String reason) {
        var measured = node.usage().of(record.id());
        return new GcCommand.Item(
                record.id().toString(), goes, measured == null ? -1 : measured.exclusiveBytes(), failed, reason);
    }

    private boolean isOurs(SliverRecord record) {
        return record.sourceId().equals(feed.input().source().id());
    }

    /** Whoever declared it may still do: this cluster cannot say that it does not. */
    private static String otherSource(SliverRecord record) {
        return "kept: declared last by another source (" + record.sourceId() + "), which alone can say that it is gone."
                + " To be rid of it, declare a Sliver of this name, have the operator annotate the NodeStore with "
                + Annotations.ADOPT + ": \"true\" so that it takes the data up, and delete it";
    }

    private static String reason(SliverRecord record) {
        return record.retainedAt() != null
                ? "kept by deletionPolicy Retain since " + record.retainedAt()
                : "declared last by " + record.sourceId() + ", generation " + record.generation()
                        + ", and not there any more";
    }

    /** Removes them all, of which at this moment nobody says otherwise. */
    private List<GcCommand.Item> remove() throws NodeException, InterruptedException {
        List<GcCommand.Item> items = new ArrayList<>();
        Map<SliverId, SliverRecord> going = new TreeMap<>();
        for (SliverRecord record :
                Agent.inLoop(loop, () -> records(node.observer().observe()))) {
            if (!isOurs(record)) {
                items.add(item(record, false, false, otherSource(record)));
                continue;
            }
            String kept = feed.kept(record.id());
            if (kept == null) {
                going.put(record.id(), record);
            } else {
                items.add(item(record, false, true, kept));
            }
        }
        if (going.isEmpty()) {
            return items;
        }
        PassResult result =
                Applying.untilStopped(() -> Agent.inLoop(loop, () -> pass(going.keySet())), node.runtime(), progress);
        going.forEach((id, record) -> {
            boolean gone = !result.actual().slivers().containsKey(id);
            items.add(item(record, gone, !gone, gone ? reason(record) : why(id, result)));
        });
        return items;
    }

    private PassResult pass(Set<SliverId> ids) throws NodeException {
        String source = feed.input().source().id();
        // What was declared again between two passes stays.
        Set<SliverId> still = new TreeSet<>();
        records(node.observer().observe()).forEach(record -> still.add(record.id()));
        still.retainAll(ids);
        return new Reconciler(new Nothing(source), node.observer(), Clock.systemUTC())
                .pass(
                        Look.EVERYTHING,
                        node.tools(null),
                        node.reporter(),
                        new ProgressListener(progress),
                        loop::isStopped,
                        Requests.toRemove(still));
    }

    private static String why(SliverId id, PassResult result) {
        ObjectRef ref = ObjectRef.of(id);
        for (ActionResult each : result.results()) {
            NodeException failure = each.failure();
            if (failure != null && each.action().object().equals(ref)) {
                return String.valueOf(failure.getMessage());
            }
        }
        for (Finding finding : result.left().findings()) {
            if (finding.object().equals(ref)) {
                return finding.message();
            }
        }
        return "it was declared again, or the agent was told to stop";
    }

    /** A source that declares nothing, and whose absence means nothing. */
    private record Nothing(String source) implements DesiredInput {
        @Override
        public DesiredState read(ActualState known) {
            return new DesiredState(
                    Map.of(), Map.of(), null, new SourceState(source, false, null, false, Set.of(), List.of()));
        }

        @Override
        public void decided(DesiredState desired, ActualState known, Store store) {
            // nothing was declared that a later reading would have to know of
        }
    }
}
