package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.desired.ClusterReader;
import dev.veneer.node.desired.DesiredStateSource;
import dev.veneer.node.desired.Node;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.Claim;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's link to its cluster: brings what is declared, takes what is to be told, keeps the agreement about deletions, and says
 * that the agent is alive. It holds through a cluster that is away for however long.
 */
public final class ClusterLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterLink.class);

    /** As many writes at once, and in a second. */
    private static final int WRITERS = 4;

    private static final int BURST = 400;
    private static final int IN_SECOND = 200;

    private final ApiServer server;
    private final Agent agent;
    private final Clock clock;
    private final Handshake handshake;
    private final Events events;
    private final StatusWriter statuses;
    private final StatusBook book;
    private final WorkQueue<ObjectRef> queue;
    private final NodeLease lease;
    private final NamespaceIds namespaces;
    private final RequestRate requests = new RequestRate(System::nanoTime);
    private final ScheduledExecutorService beat;
    private @Nullable Feed feed;
    private @Nullable String told;
    private String failure = "";

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

    /** What is there once it is known which cluster it is. */
    private record Feed(ClusterId cluster, Watched slivers, Watched images, Watched stores, ClusterSource source) {}

    private ClusterLink(ApiServer server, Agent agent, Clock clock) {
        this.server = server;
        this.agent = agent;
        this.clock = clock;
        this.handshake = new Handshake(server);
        this.namespaces = new NamespaceIds(server);
        this.events = new Events(server, agent.node().name(), clock);
        this.statuses = new StatusWriter(server, events);
        this.book = new StatusBook(agent.kept());
        this.queue = new WorkQueue<>("cluster", WRITERS, new RateLimit(BURST, IN_SECOND), this::look);
        this.lease = new NodeLease(server, agent.namespace(), agent.node().name(), agent.holder(), clock);
        this.beat = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "lease");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** A link that asks nothing yet. A file that names the cluster, or null for that of the pod. */
    public static ClusterLink to(@Nullable Path kubeconfig, Agent agent) throws NodeException {
        Clock clock = Clock.systemUTC();
        return new ClusterLink(new ApiServer(Connection.client(kubeconfig), clock), agent, clock);
    }

    /** Which cluster it is. */
    public ClusterId identify() throws ClusterException, InterruptedException {
        Answer answer = server.get("/api/v1/namespaces/kube-system");
        String uid = answer.body().at("/metadata/uid").asText();
        if (!answer.isGood() || uid.isEmpty()) {
            String words = "which cluster it is cannot be read (namespace kube-system): " + answer.words();
            throw new ClusterException(words, new IllegalStateException(words));
        }
        return new ClusterId(uid);
    }

    /**
     * Takes the node's Lease.
     *
     * @return who holds it instead, or null
     */
    public @Nullable String take() throws ClusterException, InterruptedException {
        return lease.renew();
    }

    /**
     * Begins to read and to write.
     *
     * @param known slivers and BaseImages that the store has
     * @param patience how long to wait until everything was read once; zero when the API server is known to be away
     */
    public DesiredStateSource begin(ClusterId cluster, ActualState known, Duration patience)
            throws InterruptedException {
        String name = agent.node().name();
        Watched slivers = new Watched(server.client(), Resource.SLIVER, name, this::changed);
        Watched images = new Watched(server.client(), Resource.BASE_IMAGE, null, this::changed);
        Watched stores = new Watched(server.client(), Resource.NODE_STORE, name, this::changed);
        ClusterSource source = new ClusterSource(
                cluster,
                agent.node(),
                agent.claim(),
                server,
                handshake,
                namespaces,
                requests,
                clock,
                slivers,
                images,
                stores);
        source.knows(known);
        synchronized (this) {
            feed = new Feed(cluster, slivers, images, stores, source);
        }
        long end = System.nanoTime() + patience.toNanos();
        while (!source.hasSynced() && System.nanoTime() - end < 0) {
            Thread.sleep(20);
        }
        if (!patience.isZero()) {
            beat();
        }
        while (stores.all().isEmpty() && source.hasSynced() && System.nanoTime() - end < 0) {
            Thread.sleep(20);
        }
        Future<?> unused = beat.scheduleWithFixedDelay(
                this::beat, NodeLease.RENEWAL.toMillis(), NodeLease.RENEWAL.toMillis(), TimeUnit.MILLISECONDS);
        return source;
    }

    /** Something was said of an object. By any thread. */
    public void say(ObjectRef ref, String status) {
        book.say(ref, status);
    }

    /**
     * A pass is over. By the thread that reads the source.
     *
     * @param actual what is now
     * @param reported whether everything was said that is to be told of it
     */
    public void passed(ActualState actual, boolean reported) {
        Feed now = feed();
        if (now == null) {
            return;
        }
        now.source.knows(actual);
        for (JsonNode sliver : now.slivers.all()) {
            if (handshake.isOrdered(sliver) && !handshake.isDone(sliver) && isGone(sliver, actual, now)) {
                handshake.done(Handshake.uid(sliver));
                queue.add(ClusterReader.ref(sliver));
            }
        }
        book.passed(now.source.seen(), reported).forEach(queue::add);
    }

    /** Whether nothing lies here of a deleted sliver: what does is kept on purpose, or another object's. */
    private boolean isGone(JsonNode sliver, ActualState actual, Feed now) {
        ObjectRef ref = ClusterReader.ref(sliver);
        SliverId id = ClusterSource.id(ref);
        ActualSliver there = actual.slivers().get(id);
        if (there != null) {
            return !Claim.isOrder(there.record(), now.source.identity(sliver), now.cluster.sourceId());
        }
        String store = actual.store() == null ? "" : actual.store().name();
        boolean damaged =
                actual.damaged().stream().anyMatch(damage -> damage.object().equals(ref));
        boolean unknown = now.source.isBarred() || now.source.isElsewhere(sliver, store);
        return !damaged && !unknown && !agent.lies().test(id);
    }

    private synchronized @Nullable Feed feed() {
        return feed;
    }

    private void changed(ObjectRef ref, @Nullable JsonNode before, @Nullable JsonNode now) {
        server.contacted();
        if (now == null) {
            if (before != null) {
                handshake.forget(before);
                requests.forget(before);
                namespaces.forget(before);
            }
            statuses.forget(ref);
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
        } else if (!beat.isShutdown()) {
            Future<?> unused = beat.schedule(
                    () -> {
                        moved();
                        agent.loop().asked(ref);
                    },
                    wait.toMillis() + 1,
                    TimeUnit.MILLISECONDS);
        }
    }

    /** There is something new to be read. */
    private void moved() {
        Feed now = feed();
        if (now != null) {
            now.source.moved();
        }
        agent.loop().changed();
    }

    /** All of an object but its status. */
    private static JsonNode says(JsonNode object) {
        ObjectNode said = object.deepCopy();
        said.remove("status");
        ((ObjectNode) said.get("metadata")).remove("resourceVersion");
        return said;
    }

    private @Nullable Duration look(ObjectRef ref) throws ClusterException, InterruptedException {
        Feed now = feed();
        if (now == null) {
            return Duration.ofMillis(100);
        }
        JsonNode object = ref.kind() == ObjectRef.Kind.Sliver ? now.slivers.get(ref) : now.stores.get(ref);
        if (object == null || ref.kind() == ObjectRef.Kind.BaseImage) {
            return null;
        }
        if (ref.kind() == ObjectRef.Kind.Sliver
                && namespaces.ask(object, now.slivers.all())
                && Handshake.isOurs(object)) {
            moved();
        }
        if (ref.kind() == ObjectRef.Kind.Sliver && handshake.step(ref, object)) {
            moved();
        }
        if (handshake.isDone(object)) {
            // What lies under its name is another's, whose status is not this one's.
            return null;
        }
        ObjectNode wanted = book.of(ref, object);
        if (wanted != null) {
            complete(ref, object, wanted);
        }
        return wanted == null ? null : statuses.write(ref, object, wanted);
    }

    /** Adds what only the cluster knows. */
    private void complete(ObjectRef ref, JsonNode object, ObjectNode wanted) {
        if (ref.kind() == ObjectRef.Kind.NodeStore) {
            wanted.put(StoreClaim.STORE_ID, agent.claim().idFor(object));
        } else if (!wanted.has("driver")) {
            // It is not here; that it was made here, and where, is not forgotten.
            for (String field : List.of("revision", "store")) {
                JsonNode known = object.path("status").get(field);
                if (known != null) {
                    wanted.set(field, known);
                }
            }
        }
    }

    /** Says that the agent is alive, and looks whether all is as it was. */
    private void beat() {
        Feed now = feed();
        try {
            if (now != null && !failure.isEmpty() && !identify().equals(now.cluster)) {
                agent.loop().lost("the API server is that of another cluster now");
                return;
            }
            String other = lease.renew();
            if (other != null) {
                agent.loop().lost(inTheWay(other));
                return;
            }
            failure = "";
            if (now != null && now.stores.hasSynced()) {
                new OwnNodeStore(server, agent.node().name(), agent.node().storePath()).ensure(now.stores.all());
            }
        } catch (ClusterException e) {
            String words = String.valueOf(e.getMessage());
            if (!words.equals(failure)) {
                LOG.warn("{}", words);
                failure = words;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("the Lease could not be renewed by a fault of Veneer", e);
        }
        tellTrouble(now);
    }

    private void tellTrouble(@Nullable Feed now) {
        String trouble = now == null ? null : now.source.trouble();
        if (trouble == null ? told != null : !trouble.equals(told)) {
            if (trouble == null) {
                LOG.info("the cluster answers again");
            } else {
                LOG.warn("{}", trouble);
            }
            told = trouble;
            moved();
        }
    }

    /** The words for a Lease that somebody else holds. */
    public String inTheWay(String other) {
        return "another agent is the agent of node " + agent.node().name() + ": its Lease " + agent.namespace() + "/"
                + agent.node().name() + " is held by " + other
                + "; give this one another --node-name, or end the other";
    }

    /** Whether everything that is to be told is told. */
    public boolean isIdle() {
        return queue.isIdle();
    }

    @Override
    public void close() {
        beat.shutdownNow();
        queue.close();
        events.close();
        Feed now = feed();
        if (now != null) {
            now.slivers.close();
            now.images.close();
            now.stores.close();
        }
        try {
            if (beat.awaitTermination(1, TimeUnit.SECONDS)) {
                lease.release();
            }
        } catch (ClusterException e) {
            LOG.debug("the Lease was not let go: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.client().close();
    }
}
