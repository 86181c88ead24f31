package dev.veneer.node.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.veneer.node.cli.AgentCommand;
import dev.veneer.node.cli.CommandException;
import dev.veneer.node.cli.Outcome;
import dev.veneer.node.desired.DesiredStateSource;
import dev.veneer.node.desired.Node;
import dev.veneer.node.desired.Permissions;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.kubernetes.ClusterException;
import dev.veneer.node.kubernetes.ClusterId;
import dev.veneer.node.kubernetes.ClusterLink;
import dev.veneer.node.loop.PassResult;
import dev.veneer.node.loop.ReconcileLoop;
import dev.veneer.node.model.Cadence;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SourceRecord;
import dev.veneer.node.store.DeclaredStore;
import dev.veneer.node.store.StatusStore;
import dev.veneer.node.store.StoreLayout;
import dev.veneer.node.store.StoredSliver;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A cluster as the place where desired state comes from and status goes to. */
final class ClusterFeed implements Feed {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterFeed.class);

    /** How long the first pass waits for what is declared; after that it goes by what the store knows. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(5);

    /** How long an agent that was told to stop still tells what it did last. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    /** When the cluster was heard of is noted for a later start no more often than this. */
    private static final Duration NOTED = Duration.ofMinutes(1);

    private final ClusterLink link;
    private final DeclaredStore declared;
    private @Nullable Instant noted;
    private final String words;
    private @Nullable FileInput input;
    private volatile @Nullable ReconcileLoop loop;
    private volatile @Nullable String ended;

    private ClusterFeed(NodeParts node, AgentCommand.ClusterSettings settings, Cadence cadence, Node about)
            throws NodeException {
        StatusStore statuses = node.store().statuses();
        this.declared = node.store().declared();
        this.words = "node " + about.name() + " of a cluster";
        this.link = ClusterLink.to(
                settings.kubeconfig(),
                new ClusterLink.Agent(
                        about,
                        node.store().id().toString(),
                        settings.namespace(),
                        about.name() + "_" + node.store().mark(),
                        ref -> kept(statuses, ref),
                        id -> lies(node.store().layout(), id),
                        new Waking()),
                cadence);
        statuses.tell(new StatusStore.Listener() {
            @Override
            public void written(ObjectRef object, String status) {
                link.say(object, status);
            }

            @Override
            public void writtenAbsent(SliverId id, String object) {
                link.say(ObjectRef.of(id), statusOf(object));
            }

            @Override
            public void meanwhile(ObjectRef object) {
                link.tellNow(object);
            }
        });
    }

    /** Opens the link. While the API server cannot be reached, the store says which cluster it is; a new store waits. */
    static Feed open(NodeParts node, AgentCommand.ClusterSettings settings, Cadence cadence)
            throws NodeException, CommandException, InterruptedException {
        Node about = new Node(
                node.nodeName(),
                node.store().layout().root(),
                Set.copyOf(node.drivers().names()),
                SpecTexts.JUDGES);
        ClusterFeed feed = new ClusterFeed(node, settings, cadence, about);
        boolean opened = false;
        try {
            feed.begin(node, about);
            opened = true;
            return feed;
        } finally {
            if (!opened) {
                feed.link.close();
            }
        }
    }

    private void begin(NodeParts node, Node about) throws NodeException, CommandException, InterruptedException {
        ClusterId cluster = null;
        boolean away = false;
        while (cluster == null) {
            try {
                cluster = link.identify();
                String other = link.take();
                if (other != null) {
                    throw new CommandException(Outcome.LOCKED, link.inTheWay(other));
                }
            } catch (ClusterException e) {
                if (cluster != null) {
                    // It answers, but not about the Lease: that is tried again, and told of, with every renewal.
                    break;
                }
                if (!away) {
                    LOG.warn("{}", e.getMessage());
                    away = true;
                }
                cluster = last(node);
                if (cluster == null) {
                    Thread.sleep(BETWEEN_TRIES.toMillis());
                }
            }
        }
        Sources.register(cluster.sourceId(), cluster.identity(), node.store());
        DesiredStateSource source = link.begin(cluster, before(node, cluster), away ? Duration.ZERO : PATIENCE);
        input = new FileInput(source, about, Permissions.NONE);
    }

    private static ClusterLink.Before before(NodeParts node, ClusterId cluster) throws NodeException {
        DeclaredStore.Found kept = node.store().declared().read(cluster.sourceId());
        kept.problems().forEach(LOG::warn);
        return new ClusterLink.Before(
                node.observer().observe(),
                kept.objects(),
                node.store().declared().heard().orElse(null));
    }

    /** The cluster that declared most of what the store holds; null when none declared anything. */
    private static @Nullable ClusterId last(NodeParts node) throws NodeException {
        Map<String, Integer> counts = new HashMap<>();
        for (StoredSliver sliver : node.store().scan().slivers().values()) {
            counts.merge(sliver.record().sourceId(), 1, Integer::sum);
        }
        ClusterId most = null;
        int count = -1;
        for (SourceRecord source : node.store().scan().sources().values()) {
            ClusterId cluster = ClusterId.of(source.identity());
            if (cluster != null && counts.getOrDefault(source.id(), 0) > count) {
                most = cluster;
                count = counts.getOrDefault(source.id(), 0);
            }
        }
        return most;
    }

    private static Optional<String> kept(StatusStore statuses, ObjectRef ref) {
        try {
            return statuses.read(ref);
        } catch (NodeException e) {
            LOG.warn("{}", e.getMessage());
            return Optional.empty();
        }
    }

    /** Also what cannot be looked at may lie there. */
    private static boolean lies(StoreLayout layout, SliverId id) {
        return !Files.notExists(Path.of(layout.absoluteSliver(id)), LinkOption.NOFOLLOW_LINKS);
    }

    private static String statusOf(String object) {
        try {
            return AgentSocket.JSON.readTree(object).path("status").toString();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a status is plain data", e);
        }
    }

    /** What the link does to the loop, once there is one. */
    private final class Waking implements ClusterLink.Loop {
        @Override
        public void changed() {
            wake(Triggers.CLUSTER);
        }

        @Override
        public void asked(ObjectRef object) {
            // What failed of one sliver is tried again because it says something else now; a tenant's word is none for
            // all.
            wake(object.kind() == ObjectRef.Kind.Sliver ? Triggers.LOOK : Triggers.REQUEST);
        }

        private void wake(String trigger) {
            ReconcileLoop running = loop;
            if (running != null) {
                running.wake(trigger);
            }
        }

        @Override
        public void lost(String why) {
            ended = why;
            ReconcileLoop running = loop;
            if (running != null) {
                running.stop();
            }
        }
    }

    @Override
    public FileInput input() {
        return java.util.Objects.requireNonNull(input);
    }

    @Override
    public String words() {
        return words;
    }

    @Override
    public List<String> paths() {
        return List.of();
    }

    @Override
    public void into(ReconcileLoop running) {
        loop = running;
        if (ended != null) {
            running.stop();
        }
    }

    @Override
    public void passed(PassResult result) {
        link.passed(result.actual(), result.unwritten() == null);
        noteHeard();
    }

    private void noteHeard() {
        Instant now = link.heard();
        if (now == null || (noted != null && Duration.between(noted, now).compareTo(NOTED) < 0)) {
            return;
        }
        try {
            declared.heard(now);
            noted = now;
        } catch (NodeException e) {
            LOG.debug("{}", e.getMessage());
        }
    }

    @Override
    public @Nullable String kept(SliverId id) {
        try {
            return link.kept(id);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "the agent was told to stop";
        }
    }

    @Override
    public @Nullable String ended() {
        return ended;
    }

    @Override
    public void close() {
        long end = System.nanoTime() + LAST_WORDS.toNanos();
        try {
            while (ended == null && !link.isIdle() && System.nanoTime() - end < 0) {
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        link.close();
    }
}
