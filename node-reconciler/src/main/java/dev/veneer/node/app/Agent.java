package dev.veneer.node.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.api.access.BearerToken;
import dev.veneer.node.cli.AgentCommand;
import dev.veneer.node.cli.CommandException;
import dev.veneer.node.cli.Outcome;
import dev.veneer.node.cli.Progress;
import dev.veneer.node.cli.SourceOptions;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.desired.Node;
import dev.veneer.node.desired.Permissions;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.loop.PassResult;
import dev.veneer.node.loop.ReconcileLoop;
import dev.veneer.node.loop.Reconciler;
import dev.veneer.node.metrics.Metrics;
import dev.veneer.node.metrics.PrometheusMetrics;
import dev.veneer.node.model.Cadence;
import dev.veneer.node.service.Probes;
import dev.veneer.node.service.Signals;
import dev.veneer.node.service.Supervisor;
import dev.veneer.node.store.StoreLockedException;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code veneer agent}: keeps the node as declared until it is told to stop. What belongs to the process alone, which are its
 * signals, is handed in: several agents in one process share nothing.
 */
public final class Agent implements AgentCommand.Agent {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    /** Longest time between two turns of the loop, so that a watchdog of some seconds is content. */
    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(10);

    /** What wakes the loop to look at everything afresh. */
    static final String RELOAD = "reload";

    private final Supplier<LinuxCalls> kernel;
    private final Orders orders;
    private final Cadence cadence;

    /** Who has an agent stop, or look at everything afresh. */
    interface Orders {
        /**
         * From now on, until what is returned is closed.
         *
         * @param stop ends the loop; may be run by any thread, and returns at once
         * @param reload the same of looking afresh
         */
        Closeable follow(Runnable stop, Runnable reload);
    }

    /** The agent of a process, which follows its signals. */
    public Agent() {
        this(Cadence.USUAL);
    }

    /** The same that is heard of in a cluster more often, or more seldom. */
    Agent(Cadence cadence) {
        this(JnrLinuxCalls::new, Signals::handle, cadence);
    }

    Agent(Supplier<LinuxCalls> kernel, Orders orders, Cadence cadence) {
        this.kernel = kernel;
        this.orders = orders;
        this.cadence = cadence;
    }

    @Override
    public Outcome run(StoreOptions store, SourceOptions sources, AgentCommand.Settings settings)
            throws NodeException, CommandException, IOException, InterruptedException {
        LinuxCalls calls = kernel.get();
        AgentCommand.ClusterSettings cluster = settings.cluster();
        Feed.Opener feed;
        if (cluster == null) {
            FileInput input = Sources.open(sources, calls, store.directory());
            feed = node -> new Feed.OfFiles(input, sources.paths());
        } else {
            feed = node -> ClusterFeed.open(node, cluster, cadence);
        }
        String named = cluster == null ? "" : cluster.nodeName();
        String nodeName = named.isEmpty() ? HostName.read(calls) : named;
        try (NodeParts node = NodeParts.open(calls, store.directory(), "veneer agent", nodeName)) {
            for (String note : node.store().recovery().notes()) {
                LOG.info("recovered: {}", note);
            }
            InetSocketAddress health = settings.healthAddress();
            if (health == null) {
                return run(node, feed, sources, settings, (Probes) null);
            }
            try (Probes probes = new Probes(health)) {
                return run(node, feed, sources, settings, probes);
            }
        } catch (StoreLockedException e) {
            throw new CommandException(Outcome.LOCKED, String.valueOf(e.getMessage()));
        }
    }

    private Outcome run(
            NodeParts node,
            Feed.Opener feed,
            SourceOptions sources,
            AgentCommand.Settings settings,
            @Nullable Probes probes)
            throws NodeException, CommandException, IOException, InterruptedException {
        Told told = new Told(Supervisor.ofProcess(node.calls()), probes);
        AgentCommand.MetricsSettings served = settings.metrics();
        if (served == null) {
            return run(node, feed, sources, settings, told, Metrics.none());
        }
        try (PrometheusMetrics metrics = new PrometheusMetrics(
                served.address(),
                served.token() == null ? null : new BearerToken(served.token()),
                served.certificate())) {
            return run(node, feed, sources, settings, told, metrics);
        }
    }

    /** Those who are told how the agent does: the service manager, and whoever asks. */
    private record Told(Supervisor supervisor, @Nullable Probes probes) {
        void ready(String what) {
            supervisor.ready(what);
            if (probes != null) {
                probes.ready();
            }
        }

        void alive() {
            supervisor.alive();
            if (probes != null) {
                probes.alive();
            }
        }
    }

    private Outcome run(
            NodeParts node,
            Feed.Opener opener,
            SourceOptions sources,
            AgentCommand.Settings settings,
            Told told,
            Metrics metrics)
            throws NodeException, CommandException, IOException, InterruptedException {
        try (Feed feed = opener.open(node)) {
            run(node, feed, Feed.secrets(sources), settings, told, metrics);
            String ended = feed.ended();
            if (ended != null) {
                throw new CommandException(Outcome.LOCKED, ended);
            }
            return Outcome.DONE;
        }
    }

    // The resources are open for as long as the loop runs; nothing asks them anything.
    @SuppressWarnings("try")
    private void run(
            NodeParts node,
            Feed feed,
            @Nullable String secrets,
            AgentCommand.Settings settings,
            Told told,
            Metrics metrics)
            throws NodeException, IOException, InterruptedException {
        FileInput input = feed.input();
        Sources.register(input, node.store());
        Reconciler reconciler = new Reconciler(input, node.observer(), Clock.systemUTC());
        Supervisor supervisor = told.supervisor();
        String watching = feed.words();
        LOG.info("{}, for the store {}", watching, node.store().layout().root());
        AgentPass pass = new AgentPass(node, reconciler, secrets, metrics, told::alive);
        ReconcileLoop loop = new ReconcileLoop(
                why -> {
                    Optional<Instant> next = pass.run(why);
                    if (why.contains(RELOAD)) {
                        // Until then the service manager takes the agent for reloading.
                        told.ready(watching);
                    }
                    return next;
                },
                Clock.systemUTC());
        pass.stopWhen(loop::isStopped);
        pass.afterwards(feed::passed);
        feed.into(loop);
        // A pass's own mounts are no reason for another one: it looks at the table after it has mounted.
        reconciler.beforeLooking(() -> loop.answered(Triggers.MOUNTS));
        Duration beat = supervisor.watchdogInterval().orElse(LONGEST_SLEEP);
        try (Closeable ordered = orders.follow(
                        () -> {
                            supervisor.stopping();
                            loop.stop();
                        },
                        () -> {
                            supervisor.reloading();
                            input.source().forget();
                            reconciler.memory().clear();
                            loop.wake(RELOAD);
                        });
                Triggers triggers = Triggers.start(
                        node.calls(), feed.paths(), settings.resync(), loop, new Measuring(node, loop, metrics));
                AgentSocket socket = new AgentSocket(
                        node.calls(),
                        node.store().layout().absoluteSocket(),
                        (request, answer) -> command(request, answer, node, loop, feed, metrics, told::alive))) {
            input.source().watching();
            pass.watching(triggers);
            node.runtime().whenEnded(() -> loop.wake("stopped"));
            loop.run(() -> told.ready(watching), told::alive, beat);
        }
        // What was changed a moment before the last look is settled by now, and goes into the index.
        node.store().scan();
        LOG.info("stopped; mounts and containers stay as they are");
    }

    /** Answers a client. */
    private static int command(
            JsonNode request,
            AgentSocket.Answer answer,
            NodeParts node,
            ReconcileLoop loop,
            Feed feed,
            Metrics metrics,
            Runnable alive) {
        Progress progress = new LivelyProgress(new SocketProgress(answer), alive);
        try {
            if (Orphans.isAsked(request)) {
                return new Orphans(node, feed, loop, progress).answer(request, answer);
            }
            return carryOut(request, progress, node, loop, metrics).status();
        } catch (NodeException e) {
            progress.say("failed: " + e.getMessage());
            return (e.follow() == Follow.WAIT ? Outcome.WAITING : Outcome.SOME_FAILED).status();
        } catch (RuntimeException e) {
            LOG.error("a command failed by a fault of Veneer", e);
            progress.say("failed by a fault of Veneer: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Outcome.SOME_FAILED.status();
    }

    private static Outcome carryOut(
            JsonNode request, Progress progress, NodeParts node, ReconcileLoop loop, Metrics metrics)
            throws NodeException, InterruptedException {
        SliverRequest asked = SliverRequest.of(request);
        if (asked == null) {
            return apply(request, progress, node, loop, metrics);
        }
        Applying.Pass pass = asked.pass(node, progress, loop::isStopped);
        PassResult result = Applying.untilStopped(() -> inLoop(loop, pass::run), node.runtime(), progress);
        AgentPass.countVerifications(result.results(), metrics);
        return SliverRequest.tell(result, progress);
    }

    private static Outcome apply(
            JsonNode request, Progress progress, NodeParts node, ReconcileLoop loop, Metrics metrics)
            throws NodeException, InterruptedException {
        if (!request.path("command").asText().equals("apply")) {
            progress.say("this agent does not know the request "
                    + request.path("command").asText());
            return Outcome.USAGE;
        }
        List<String> paths = new ArrayList<>();
        request.path("paths").forEach(path -> paths.add(path.asText()));
        if (paths.isEmpty()) {
            progress.say("no paths were given");
            return Outcome.USAGE;
        }
        byte[] content = Base64.getDecoder().decode(request.path("input").asText(""));
        Node about = new Node(
                node.nodeName(),
                node.store().layout().root(),
                Set.copyOf(node.drivers().names()),
                SpecTexts.JUDGES);
        FileInput input = Sources.open(
                paths,
                new Permissions(
                        request.path("prune").asBoolean(),
                        request.path("takeOver").asBoolean(),
                        request.path("allowShrink").asBoolean()),
                new ByteArrayInputStream(content),
                about);
        @Nullable
        String secrets = request.has("secrets") ? request.get("secrets").asText() : null;
        Reconciler reconciler = new Reconciler(input, node.observer(), Clock.systemUTC());
        PassResult result = Applying.untilStopped(
                () -> inLoop(loop, () -> {
                    Sources.register(input, node.store());
                    return reconciler.pass(
                            node.tools(secrets), node.reporter(), new ProgressListener(progress), loop::isStopped);
                }),
                node.runtime(),
                progress);
        AgentPass.countVerifications(result.results(), metrics);
        return Applying.tell(result, progress);
    }

    /** Has something done by the loop's thread, which does whatever changes the node, and waits for it. */
    static <T> T inLoop(ReconcileLoop loop, Callable<T> pass) throws NodeException, InterruptedException {
        FutureTask<T> task = new FutureTask<>(pass);
        loop.submit(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof NodeException known) {
                throw known;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            loop.wake("command");
        }
    }
}
