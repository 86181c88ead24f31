package dev.veneer.node.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.api.Reason;
import dev.veneer.node.cli.CommandException;
import dev.veneer.node.cli.Outcome;
import dev.veneer.node.cli.Progress;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.loop.DesiredInput;
import dev.veneer.node.loop.PassResult;
import dev.veneer.node.loop.Reconciler;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.KeptRevision;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.SourceState;
import dev.veneer.node.observe.StateObserver.Look;
import dev.veneer.node.plan.Requests;
import dev.veneer.node.store.Store;
import dev.veneer.node.store.StoreLockedException;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a person asks to be done with one sliver once: by the running agent when there is one, else by this process. The
 * sliver is declared as its record has it, so nothing else is done to it, and nothing to others.
 *
 * @param command the command's name, which is also that of the request to the agent
 * @param id the sliver
 * @param requests what is asked for
 */
record SliverRequest(String command, SliverId id, Requests requests) {
    private static final String COMPACT = "compact";
    private static final String ROLLBACK = "rollback";

    static SliverRequest compact(SliverId id) {
        return new SliverRequest(COMPACT, id, Requests.toCompact(Set.of(id)));
    }

    /**
     * That it goes back.
     *
     * @param to a kept revision or a snapshot, or {@link Requests#LAST}
     */
    static SliverRequest rollback(SliverId id, int to) {
        return new SliverRequest(ROLLBACK, id, Requests.toRollBack(id, to));
    }

    /** Reads what {@link #json} wrote; null when it is some other request, or names no sliver. */
    static @Nullable SliverRequest of(JsonNode request) {
        try {
            String sliver = request.path("sliver").asText();
            return switch (request.path("command").asText()) {
                case COMPACT -> compact(SliverId.parse(sliver));
                case ROLLBACK ->
                    request.path("to").canConvertToInt() && request.path("to").asInt() >= Requests.LAST
                            ? rollback(
                                    SliverId.parse(sliver), request.path("to").asInt())
                            : null;
                default -> null;
            };
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private ObjectNode json() {
        ObjectNode request = AgentSocket.JSON.createObjectNode();
        request.put("command", command).put("sliver", id.toString());
        Integer to = requests.rollback().get(id);
        if (to != null) {
            request.put("to", to);
        }
        return request;
    }

    /** Has it done, and says how that went. */
    Outcome carryOut(StoreOptions store, Progress progress)
            throws NodeException, CommandException, IOException, InterruptedException {
        try (NodeParts node = NodeParts.openExisting(store.directory(), "veneer " + command)) {
            Applying.Pass pass =
                    pass(node, progress, () -> Thread.currentThread().isInterrupted());
            return tell(Applying.untilStopped(pass, node.runtime(), progress), progress);
        } catch (StoreLockedException e) {
            return new AgentClient(store.directory())
                    .send(json(), progress)
                    .orElseThrow(() -> new CommandException(Outcome.LOCKED, String.valueOf(e.getMessage())));
        }
    }

    /**
     * Passes in which it is done as soon as that is possible.
     *
     * @param stop whether they are to end
     * @throws NodeException when there is no such sliver
     */
    Applying.Pass pass(NodeParts node, Progress progress, BooleanSupplier stop) throws NodeException {
        refuseNowhere(Lookup.sliver(node, id));
        Reconciler reconciler = new Reconciler(new AsItIs(id), node.observer(), Clock.systemUTC());
        return () -> reconciler.pass(
                Look.EVERYTHING, node.tools(null), node.reporter(), new ProgressListener(progress), stop, requests);
    }

    /** A wrong number is told to who gave it, and never reaches the sliver's status. */
    private void refuseNowhere(SliverRecord record) throws NodeException {
        Integer to = requests.rollback().get(id);
        if (to == null) {
            return;
        }
        List<KeptRevision> kept = record.kept();
        boolean known = to == Requests.LAST
                ? !record.previous().isEmpty()
                : kept.stream().anyMatch(each -> each.revision() == to);
        if (!known) {
            String choice = kept.stream()
                    .map(each -> each.revision() + " (" + each.why() + ")")
                    .collect(Collectors.joining(", "));
            throw new NodeException(
                    Reason.InvalidSpec,
                    Follow.STALLED,
                    "sliver " + id + " cannot go back"
                            + (to == Requests.LAST ? ": no previous revision is kept" : " to " + to)
                            + (choice.isEmpty() ? "; nothing is kept of it" : "; kept are " + choice));
        }
    }

    /** Says what is left; what was done, was said when it was. */
    static Outcome tell(PassResult result, Progress progress) {
        Outcome told = Applying.tell(result, progress);
        for (ActionResult each : result.results()) {
            NodeException failure = each.failure();
            if (failure != null) {
                return failure.follow() == Follow.WAIT ? Outcome.WAITING : Outcome.SOME_FAILED;
            }
        }
        return told;
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
}
