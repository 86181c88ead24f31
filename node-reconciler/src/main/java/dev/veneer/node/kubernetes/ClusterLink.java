package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.desired.ClusterReader;
import dev.veneer.node.desired.DesiredStateSource;
import dev.veneer.node.desired.Node;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.Cadence;
import dev.veneer.node.model.Claim;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A node's link to its cluster: brings what is declared, takes what is to be told, keeps the agreement about deletions, and says
 * that the agent is alive. It holds through a cluster that is away for however long.
 */
public final class ClusterLink implements AutoCloseable {
    /** As many write at the same time, which is what bounds the load of a burst for the API server. */
    private static final int WRITERS = 4;

    /** So many requests for objects without a pause, and then in a second: a thousand slivers take two each. */
    private static final int BURST = 2000;

    private static final int IN_SECOND = 200;

    /** Looks at objects, most of which find nothing to be asked or written: five or so for a new sliver. */
    private static final int LOOKS_IN_SECOND = 5 * IN_SECOND;

    private final ApiServer server;
    private final Agent agent;
    private final Clock clock;
    private final Handshake handshake;
    private final Events events;
    private final Telling telling;
    private final StatusBook book;
    private final WorkQueue<ObjectRef> queue;
    private final Heartbeat heart;
    private final RequestRate requests = new RequestRate(System::nanoTime);
    private volatile @Nullable ClusterView view;
    private final Cadence cadence;

    /**
     * What the agent is that is linked.
     *
     * @param node the node as its objects are read for
     * @param storeId the id of the store, which is another for each that is made
     * @param namespace where the Lease lies
     * @param holder says which agent it is, and stays the same when it is started again
     * @param kept the status of an object as the store keeps it
     * @param lies whether anything lies in the store under a sliver's name, readable or not; asked of the disk
     * @param loop the agent's loop
     */
    public record Agent(
            Node node,
            String storeId,
            String namespace,
            String holder,
            Function<ObjectRef, Optional<String>> kept,
            Predicate<SliverId> lies,
            Loop loop) {
        StoreClaim claim() {
            return new StoreClaim(node, storeId);
        }
    }

    /** What the link does to the agent's loop, by any thread. */
    public interface Loop {
        /** Something of the cluster has changed. */
        void changed();

        /** Who may edit this object asked for a look at everything. */
        void asked(ObjectRef object);

        /** The agent has to end, for this reason: somebody else is it now. */
        void lost(String why);
    }

    /**
     * What was known of a cluster before the agent was started.
     *
     * @param slivers slivers and BaseImages that the store has
     * @param objects texts of the objects that the cluster declared last, as the source gave them to be kept
     * @param heard when the cluster was heard of last, or null
     */
    public record Before(ActualState slivers, Map<ObjectRef, String> objects, @Nullable Instant heard) {}

    private ClusterLink(ApiServer server, Agent agent, Clock clock, Cadence cadence) {
        this.server = server;
        this.cadence = cadence;
        this.agent = agent;
        this.clock = clock;
        RateLimit pace = new RateLimit(BURST, IN_SECOND);
        this.handshake = new Handshake(server, pace);
        this.events = new Events(server, agent.node().name(), clock);
        this.book = new StatusBook(agent.kept());
        this.heart = new Heartbeat(server, agent, clock, cadence);
        this.telling = new Telling(
                agent.claim(), handshake, heart, book, new StatusWriter(server, events, pace), () -> view, this::moved);
        this.queue = new WorkQueue<>("cluster", WRITERS, new RateLimit(BURST, LOOKS_IN_SECOND), telling::look);
    }

    /** A link that asks nothing yet. A file that names the cluster, or null for that of the pod. */
    public static ClusterLink to(@Nullable Path kubeconfig, Agent agent, Cadence cadence) throws NodeException {
        Clock clock = Clock.systemUTC();
        WatchSpans spans = new WatchSpans(cadence.watch());
        return new ClusterLink(
                new ApiServer(
                        Connection.client(kubeconfig, spans, cadence.patience()), spans, cadence.patience(), clock),
                agent,
                clock,
                cadence);
    }

    /** Which cluster it is. */
    public ClusterId identify() throws ClusterException, InterruptedException {
        return heart.identify();
    }

    /**
     * Takes the node's Lease.
     *
     * @return who holds it instead, or null
     */
    public @Nullable String take() throws ClusterException, InterruptedException {
        return heart.take();
    }

    /**
     * Begins to read and to write.
     *
     * @param patience how long to wait until everything was read once; zero when the API server is known to be away
     */
    public DesiredStateSource begin(ClusterId cluster, Before before, Duration patience) throws InterruptedException {
        String name = agent.node().name();
        Remembered known = Remembered.of(before.objects(), before.heard());
        Namespaces trust = new Namespaces(server, known.trust(), this::moved);
        NamespaceIds namespaces = new NamespaceIds(server, known.namespaces(), trust);
        Watched slivers = new Watched(server.client(), Resource.SLIVER, name, known.objects(), this::changed);
        Watched images = new Watched(server.client(), Resource.BASE_IMAGE, null, known.objects(), this::changed);
        Watched stores = new Watched(server.client(), Resource.NODE_STORE, name, known.objects(), this::changed);
        ClusterSource source = new ClusterSource(
                cluster,
                agent.node(),
                agent.claim(),
                server,
                handshake,
                namespaces,
                requests,
                clock,
                cadence.away(),
                known,
                trust,
                slivers,
                images,
                stores);
        source.knows(before.slivers());
        ClusterView begun = new ClusterView(cluster, trust, namespaces, slivers, images, stores, source);
        view = begun;
        heart.of(cluster, new Beats(begun));
        if (patience.isZero()) {
            heart.knock(begun::start);
            return source;
        }
        begun.start();
        long end = System.nanoTime() + patience.toNanos();
        while (!source.hasSynced() && System.nanoTime() - end < 0) {
            Thread.sleep(20);
        }
        heart.begin();
        while (stores.all().isEmpty() && source.hasSynced() && System.nanoTime() - end < 0) {
            Thread.sleep(20);
        }
        heart.goOn();
        return source;
    }

    /** Something was said of an object. By any thread. */
    public void say(ObjectRef ref, String status) {
        book.say(ref, status);
    }

    /** Has what was said of an object told before the pass is over. By any thread. */
    public void tellNow(ObjectRef ref) {
        ClusterView now = view;
        if (now != null) {
            book.meanwhile(ref, now.source().seen());
        }
        queue.add(ref);
    }

    /**
     * A pass is over. By the thread that reads the source.
     *
     * @param actual what is now
     * @param reported whether everything was said that is to be told of it
     */
    public void passed(ActualState actual, boolean reported) {
        ClusterView now = view;
        if (now == null) {
            return;
        }
        now.source().knows(actual);
        for (JsonNode sliver : now.slivers().all()) {
            if (handshake.isOrdered(sliver) && !handshake.isDone(sliver) && isGone(sliver, actual, now)) {
                handshake.done(Handshake.uid(sliver));
                queue.add(ClusterReader.ref(sliver));
            }
        }
        book.passed(now.source().seen(), reported).forEach(queue::add);
        telling.settle(now, queue::add);
    }

    /** Whether nothing lies here of a deleted sliver: what does is kept on purpose, or another object's. */
    private boolean isGone(JsonNode sliver, ActualState actual, ClusterView now) {
        ObjectRef ref = ClusterReader.ref(sliver);
        SliverId id = ClusterSource.id(ref);
        ActualSliver there = actual.slivers().get(id);
        if (there != null) {
            return !Claim.isOrder(
                    there.record(), now.source().identity(sliver), now.cluster().sourceId());
        }
        String store = actual.store() == null ? "" : actual.store().name();
        boolean damaged =
                actual.damaged().stream().anyMatch(damage -> damage.object().equals(ref));
        boolean unknown = now.source().isBarred() || now.source().isElsewhere(sliver, store);
        return !damaged && !unknown && !agent.lies().test(id);
    }

    private void changed(ObjectRef ref, @Nullable JsonNode before, @Nullable JsonNode now) {
        ClusterView known = view;
        boolean back = known != null && known.source().isAway();
        server.contacted();
        if (back) {
            heart.now();
        }
        if (now == null) {
            if (before != null) {
                handshake.forget(before);
                requests.forget(before);
                if (known != null) {
                    known.namespaces().forget(before);
                }
            }
            telling.forget(ref);
            moved();
            return;
        }
        if (ref.kind() != ObjectRef.Kind.BaseImage) {
            queue.add(ref);
        }
        StatusBook.Seen seen = StatusBook.Seen.of(now);
        if (before == null || !says(before).equals(says(now))) {
            boolean asked = seen.requestedAt() != null
                    && !seen.requestedAt()
                            .equals(now.path("status")
                                    .path("lastHandledRequestAt")
                                    .asText());
            moved();
            if (asked) {
                asked(ref, now);
            }
        }
    }

    private void asked(ObjectRef ref, JsonNode object) {
        Duration wait = ref.kind() == ObjectRef.Kind.Sliver ? requests.wait(object) : Duration.ZERO;
        if (wait.isZero()) {
            agent.loop().asked(ref);
        } else {
            heart.later(
                    () -> {
                        moved();
                        agent.loop().asked(ref);
                    },
                    wait);
        }
    }

    /** There is something new to be read. */
    private void moved() {
        ClusterView now = view;
        if (now != null) {
            now.source().moved();
        }
        agent.loop().changed();
    }

    /** All of an object but its status; of a BaseImage's status, what the cluster agreed on. */
    private static JsonNode says(JsonNode object) {
        ObjectNode said = object.deepCopy();
        said.remove("status");
        said.put("digest", object.at("/status/digest").asText());
        ((ObjectNode) said.get("metadata")).remove("resourceVersion");
        return said;
    }

    /** What is done with each beat of the heart. */
    private final class Beats implements Heartbeat.Listener {
        private final ClusterView now;

        Beats(ClusterView now) {
            this.now = now;
        }

        @Override
        public void renewed() throws ClusterException, InterruptedException {
            if (now.stores().hasSynced()) {
                new OwnNodeStore(server, agent.node().name(), agent.node().storePath())
                        .ensure(now.stores().all());
            }
        }

        @Override
        public void beaten() {
            telling.tellTrouble(now);
            now.source().mend();
            telling.settle(now, queue::add);
        }
    }

    /** The words for a Lease that somebody else holds. */
    public String inTheWay(String other) {
        return heart.inTheWay(other);
    }

    /** Why a sliver that is not among those that were told of is to be kept, or null when the API server has none of its name. */
    public @Nullable String kept(SliverId id) throws InterruptedException {
        ClusterView now = view;
        try {
            if (now == null || !identify().equals(now.cluster())) {
                return Heartbeat.OTHER_CLUSTER;
            }
            Answer definition = server.metadata(Resource.SLIVER.definition(), Handshake.DEFINITION);
            if (!definition.isGood() || definition.body().path("metadata").hasNonNull("deletionTimestamp")) {
                return "the definition of Slivers is not in the cluster, or is being deleted";
            }
            Answer sliver = server.get(Resource.path(ObjectRef.of(id)));
            if (sliver.isNotFound()) {
                return null;
            }
            return sliver.isGood() ? "it is declared in the cluster" : "it cannot be asked for: " + sliver.words();
        } catch (ClusterException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** When the API server answered last; null if it has not since the agent began. */
    public @Nullable Instant heard() {
        ApiServer.Contact contact = server.lastContact();
        return contact == null ? null : contact.at();
    }

    /** Whether everything that is to be told is told. */
    public boolean isIdle() {
        return queue.isIdle();
    }

    @Override
    public void close() {
        heart.stop();
        queue.close();
        events.close();
        ClusterView now = view;
        if (now != null) {
            now.close();
        }
        heart.close();
        server.client().close();
    }
}
