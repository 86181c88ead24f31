package dev.veneer.node.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
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
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code veneer gc --orphans}: slivers that lie in the store and that nobody declares: orphans, and what was kept on purpose,
 * which goes only when it is named. Only the running agent knows them, since it reads what is declared.
 */
final class Orphans {
    private static final String COMMAND = "orphans";
    private static final String CONFIRMED = "confirmed";
    private static final String NAMES = "names";
    private static final String ALL = "all";
    private static final String ORPHAN = "orphan";
    private static final String RETAINED = "retained";
    private static final String REMOVED = "removed";

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
    static List<GcCommand.Item> ask(StoreOptions store, Set<SliverId> named, boolean remove, Progress progress)
            throws CommandException, IOException {
        ObjectNode request = AgentSocket.JSON.createObjectNode();
        request.put("command", COMMAND).put(CONFIRMED, remove).put(ALL, named.isEmpty());
        ArrayNode names = request.putArray(NAMES);
        named.forEach(each -> names.add(each.toString()));
        List<GcCommand.Item> items = new ArrayList<>();
        AtomicBoolean older = new AtomicBoolean();
        Outcome outcome = new AgentClient(store.directory())
                .send(request, progress, line -> {
                    if (line.has(ORPHAN)) {
                        older.compareAndSet(false, !line.has(REMOVED));
                        items.add(item(line));
                    }
                })
                .orElseThrow(() -> new CommandException(
                        Outcome.LOCKED,
                        "no agent answers for the store " + store.directory()
                                + ": which slivers nobody declares is known by the running agent alone. Start it, and try"
                                + " again"));
        if (older.get() && (remove || !named.isEmpty())) {
            throw new CommandException(
                    Outcome.SOME_FAILED,
                    "the agent is of an older version and has removed nothing: restart it, and try again");
        }
        if (outcome != Outcome.DONE && items.isEmpty()) {
            // Why, it has said.
            throw new CommandException(outcome, "nothing was removed");
        }
        return items;
    }

    private static GcCommand.Item item(JsonNode line) {
        return new GcCommand.Item(
                (line.path(RETAINED).asBoolean() ? RETAINED : ORPHAN) + "/"
                        + line.path(ORPHAN).asText(),
                line.path(REMOVED).asBoolean(),
                line.path("bytes").asLong(-1),
                line.path("failed").asBoolean(),
                line.path("reason").asText());
    }

    static boolean isAsked(JsonNode request) {
        return request.path("command").asText().equals(COMMAND);
    }

    /** The agent's side: does it, tells the client, and returns the exit status. */
    int answer(JsonNode request, AgentSocket.Answer answer) throws NodeException, InterruptedException {
        Set<SliverId> named = named(request.path(NAMES));
        boolean remove = request.path(CONFIRMED).asBoolean();
        if (remove && named.isEmpty() && !request.path(ALL).asBoolean()) {
            throw new NodeException(
                    Reason.InvalidSpec,
                    Follow.STALLED,
                    "to be removed is what is named, and nothing is: name what is to go, as in default/web, or say that"
                            + " all orphans are meant (a command of an older version cannot: use the agent's own)");
        }
        List<Row> rows = remove ? remove(named) : Agent.inLoop(loop, () -> list(named));
        boolean failed = false;
        for (Row row : rows) {
            failed |= row.failed();
            answer.line(AgentSocket.JSON
                    .createObjectNode()
                    .put(ORPHAN, row.record().id().toString())
                    .put(RETAINED, isRetained(row.record()))
                    .put(REMOVED, row.removed())
                    .put("bytes", bytes(row.record()))
                    .put("failed", row.failed())
                    .put("reason", row.reason()));
        }
        return (failed ? Outcome.SOME_FAILED : Outcome.DONE).status();
    }

    /** What is said of one; {@code removed} whether it goes, or would go. */
    private record Row(SliverRecord record, boolean removed, boolean failed, String reason) {}

    private static Set<SliverId> named(JsonNode names) throws NodeException {
        if (!names.isMissingNode() && !names.isArray()) {
            throw new NodeException(Reason.InvalidSpec, Follow.STALLED, "names are a list of NAMESPACE/NAME");
        }
        Set<SliverId> named = new TreeSet<>();
        try {
            for (JsonNode each : names) {
                named.add(SliverId.parse(each.asText()));
            }
        } catch (IllegalArgumentException e) {
            throw new NodeException(Reason.InvalidSpec, Follow.STALLED, String.valueOf(e.getMessage()), e);
        }
        return named;
    }

    /** All of them with what would become of each, or those that are named. By the loop's thread. */
    private List<Row> list(Set<SliverId> named) throws NodeException {
        List<Row> rows = new ArrayList<>();
        for (SliverRecord record : records(node.observer().observe(), named)) {
            String kept = kept(record, named);
            rows.add(new Row(record, kept == null, false, kept == null ? reason(record) : kept));
        }
        return rows;
    }

    /** Why one stays, or null when it may go. */
    private @Nullable String kept(SliverRecord record, Set<SliverId> named) {
        if (!record.sourceId().equals(feed.input().source().id())) {
            return otherSource(record);
        }
        return isRetained(record) && !named.contains(record.id())
                ? reason(record) + ": goes only when it is named"
                : feed.kept(record.id());
    }

    private static boolean isRetained(SliverRecord record) {
        return record.retainedAt() != null;
    }

    /**
     * The records of slivers that nobody declares, or of those that are named.
     *
     * @throws NodeException when one that is named is none
     */
    private List<SliverRecord> records(ActualState actual, Set<SliverId> named) throws NodeException {
        List<SliverRecord> all = records(actual);
        if (named.isEmpty()) {
            return all;
        }
        Set<SliverId> wrong = new TreeSet<>(named);
        all.forEach(record -> wrong.remove(record.id()));
        if (!wrong.isEmpty()) {
            String names =
                    wrong.stream().map(id -> id + why(actual.slivers().get(id))).collect(Collectors.joining(", "));
            throw new NodeException(
                    Reason.InvalidSpec,
                    Follow.STALLED,
                    "no orphans, and nothing that was retained: " + names
                            + "; veneer gc --orphans lists what there is");
        }
        return all.stream().filter(record -> named.contains(record.id())).toList();
    }

    private static String why(@Nullable ActualSliver none) {
        return none == null
                ? " (it is not in the store)"
                : isRetained(none.record())
                        ? " (it was retained, and declared last by another source, which alone can say that it is gone)"
                        : " (it is declared)";
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

    private long bytes(SliverRecord record) {
        var measured = node.usage().of(record.id());
        return measured == null ? -1 : measured.exclusiveBytes();
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

    /** Removes those of which at this moment nobody says otherwise. */
    private List<Row> remove(Set<SliverId> named) throws NodeException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        Map<SliverId, SliverRecord> going = new TreeMap<>();
        for (SliverRecord record :
                Agent.inLoop(loop, () -> records(node.observer().observe(), named))) {
            String kept = kept(record, named);
            if (kept == null) {
                going.put(record.id(), record);
            } else {
                rows.add(new Row(record, false, isMeant(record, named), kept));
            }
        }
        if (going.isEmpty()) {
            return rows;
        }
        PassResult result =
                Applying.untilStopped(() -> Agent.inLoop(loop, () -> pass(going)), node.runtime(), progress);
        going.forEach((id, record) -> {
            boolean gone = !result.actual().slivers().containsKey(id);
            rows.add(new Row(record, gone, !gone, gone ? reason(record) : why(id, result)));
        });
        return rows;
    }

    /** Whether it should have gone: it was named, or is an orphan that this cluster can speak of. */
    private boolean isMeant(SliverRecord record, Set<SliverId> named) {
        return named.contains(record.id())
                || (!isRetained(record)
                        && record.sourceId().equals(feed.input().source().id()));
    }

    private PassResult pass(Map<SliverId, SliverRecord> going) throws NodeException {
        String source = feed.input().source().id();
        // What was declared again between two passes stays, also if it is kept by now.
        Set<SliverId> still = new TreeSet<>();
        for (SliverRecord record : records(node.observer().observe())) {
            SliverRecord meant = going.get(record.id());
            if (meant != null
                    && meant.uid().equals(record.uid())
                    && Objects.equals(meant.retainedAt(), record.retainedAt())) {
                still.add(record.id());
            }
        }
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
