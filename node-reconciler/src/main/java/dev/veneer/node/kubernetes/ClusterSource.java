package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.node.desired.ClusterReader;
import dev.veneer.node.desired.DesiredStateSource;
import dev.veneer.node.desired.Node;
import dev.veneer.node.desired.Reading;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.NamespaceTrust;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The cluster as a source: the node's own slivers, the BaseImages that they name, the node's NodeStores. As long as it cannot be
 * reached, what was read last counts, and the source says so.
 */
final class ClusterSource implements DesiredStateSource {
    /** A server that is started again is away for less. */
    private static final Duration AWAY = Duration.ofSeconds(45);

    private final ClusterId cluster;
    private final ClusterReader reader;
    private final ApiServer server;
    private final Handshake handshake;
    private final Clock clock;
    private final Namespaces namespaces;
    private final Watched slivers;
    private final Watched images;
    private final Watched stores;
    private final KeptObjects kept = new KeptObjects();
    private @Nullable Map<ObjectRef, String> toKeep;

    /** When the cluster was heard of before the agent was started, in words. */
    private final String heard;

    private final Map<String, ApiServer.Contact> deafSince = new HashMap<>();

    private volatile ApiServer.@Nullable Contact started;

    /** Slivers and BaseImages that the store knows. */
    private volatile Set<ObjectRef> known = Set.of();

    private final AtomicLong moves = new AtomicLong();
    private Map<ObjectRef, StatusBook.Seen> seen = Map.of();
    private @Nullable Read last;

    /**
     * What was read last.
     *
     * @param moves how much had changed until then
     * @param trouble what was wrong then, or null
     */
    private record Read(long moves, @Nullable String trouble, Reading reading) {}

    ClusterSource(
            ClusterId cluster,
            Node node,
            ApiServer server,
            Handshake handshake,
            Clock clock,
            @Nullable Instant heard,
            Namespaces namespaces,
            Watched slivers,
            Watched images,
            Watched stores) {
        this.cluster = cluster;
        this.reader = new ClusterReader(cluster.sourceId(), node);
        this.server = server;
        this.handshake = handshake;
        this.clock = clock;
        this.heard = heard == null ? "" : " (it was heard of last at " + heard.truncatedTo(ChronoUnit.SECONDS) + ")";
        this.namespaces = namespaces;
        this.slivers = slivers;
        this.images = images;
        this.stores = stores;
    }

    @Override
    public String id() {
        return cluster.sourceId();
    }

    @Override
    public String identity() {
        return cluster.identity();
    }

    @Override
    public void forget() {
        reader.forget();
        moved();
    }

    @Override
    public @Nullable Map<ObjectRef, String> toKeep() {
        return toKeep;
    }

    /** Something has changed that a reading is made of. */
    void moved() {
        moves.incrementAndGet();
    }

    /** What is there after a pass. */
    void knows(ActualState actual) {
        Set<ObjectRef> now = new TreeSet<>();
        actual.slivers().keySet().forEach(id -> now.add(ObjectRef.of(id)));
        actual.images().keySet().forEach(name -> now.add(ObjectRef.image(name)));
        if (!now.equals(known)) {
            known = now;
            moved();
        }
    }

    /** What the last reading saw of each object. */
    Map<ObjectRef, StatusBook.Seen> seen() {
        return seen;
    }

    @Override
    public Reading read() {
        long then = moves.get();
        String trouble = trouble();
        Read before = last;
        if (before != null && before.moves() == then && Objects.equals(before.trouble(), trouble)) {
            return before.reading();
        }
        Set<ObjectRef> there = known;
        List<ClusterReader.Served> served = new ArrayList<>();
        Map<ObjectRef, StatusBook.Seen> now = new HashMap<>();
        Set<String> named = new TreeSet<>();
        for (JsonNode sliver : slivers.all()) {
            ObjectRef ref = ClusterReader.ref(sliver);
            // Nothing is made for one that could go without a word, nor for one that goes already.
            boolean counts = there.contains(ref) || (Handshake.isOurs(sliver) && !Handshake.isDeleting(sliver));
            if (counts) {
                add(ref, sliver, handshake.isOrdered(sliver), trust(ref, sliver), served, now);
                named.add(sliver.at("/spec/baseImage").asText());
            }
        }
        for (JsonNode image : images.all()) {
            ObjectRef ref = ClusterReader.ref(image);
            if (named.contains(ref.name()) || there.contains(ref)) {
                add(ref, image, false, NamespaceTrust.TRUSTED, served, now);
            }
        }
        for (JsonNode store : stores.all()) {
            add(ClusterReader.ref(store), store, false, NamespaceTrust.TRUSTED, served, now);
        }
        seen = now;
        toKeep = kept.of(served);
        Reading reading = reader.read(served, trouble);
        last = new Read(then, trouble, reading);
        return reading;
    }

    private NamespaceTrust trust(ObjectRef ref, JsonNode sliver) {
        return Namespaces.matter(sliver) ? namespaces.of(id(ref).namespace()) : NamespaceTrust.UNKNOWN;
    }

    private static void add(
            ObjectRef ref,
            JsonNode object,
            boolean deleted,
            NamespaceTrust trust,
            List<ClusterReader.Served> served,
            Map<ObjectRef, StatusBook.Seen> seen) {
        served.add(new ClusterReader.Served(object, deleted, trust));
        seen.put(ref, StatusBook.Seen.of(object));
    }

    /** Whether everything was read at some time since the agent began. */
    boolean hasSynced() {
        return slivers.hasSynced() && images.hasSynced() && stores.hasSynced();
    }

    /** What is there begins to be read. */
    void started() {
        started = new ApiServer.Contact(clock.instant(), System.nanoTime());
    }

    /** Whether not everything has been read yet, which takes some time and is no trouble. */
    boolean isSettling() {
        ApiServer.Contact since = started;
        return since == null || (!hasSynced() && !since.isOlderThan(AWAY));
    }

    /** Whether nothing has been heard of the API server for a while. */
    boolean isAway() {
        ApiServer.Contact contact = server.lastContact();
        return contact == null || contact.isOlderThan(AWAY);
    }

    /** Why what is here may be old, or null. In the same words as long as it is the same. */
    synchronized @Nullable String trouble() {
        ApiServer.Contact contact = server.lastContact();
        if (contact == null) {
            return "the API server of cluster " + cluster.uid()
                    + " has not been reached since the agent began" + heard
                    + ": what was declared last stays in force";
        }
        if (contact.isOlderThan(AWAY)) {
            return "the API server has not answered since " + contact.at().truncatedTo(ChronoUnit.SECONDS)
                    + ": what was declared last stays in force";
        }
        String deaf = null;
        for (Watched each : List.of(slivers, images, stores)) {
            if (!each.hasSynced()) {
                deaf = each.plural()
                        + " of the cluster have not been read since the agent began: what was declared last"
                        + " stays in force";
            } else if (each.isWatching()) {
                deafSince.remove(each.plural());
            } else {
                ApiServer.Contact since = deafSince.computeIfAbsent(
                        each.plural(), unused -> new ApiServer.Contact(clock.instant(), System.nanoTime()));
                if (since.isOlderThan(AWAY)) {
                    deaf = each.plural() + " of the cluster cannot be read since "
                            + since.at().truncatedTo(ChronoUnit.SECONDS) + ": what was declared last stays in force";
                }
            }
        }
        return deaf;
    }

    /** Whether an object of this name is one that the store of this agent may hold, as far as its status and spec say. */
    static boolean isOfStore(JsonNode sliver, String store) {
        String asked =
                sliver.at("/status/store").asText(sliver.at("/spec/store").asText());
        return asked.isEmpty() || asked.equals(store);
    }

    /** A sliver's id. */
    static SliverId id(ObjectRef sliver) {
        return SliverId.parse(sliver.name());
    }
}
