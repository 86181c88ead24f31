package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.node.desired.ClusterReader;
import dev.veneer.node.desired.DesiredStateSource;
import dev.veneer.node.desired.Fate;
import dev.veneer.node.desired.Node;
import dev.veneer.node.desired.Reading;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DeclaredIdentity;
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
    private final ClusterId cluster;
    private final StoreClaim claim;
    private final ClusterReader reader;
    private final ApiServer server;
    private final Handshake handshake;
    private final NamespaceIds namespaces;
    private final RequestRate requests;
    private final Clock clock;
    private final Duration away;
    private final Namespaces trust;
    private final Watched slivers;
    private final Watched images;
    private final Watched stores;
    private final KeptObjects kept = new KeptObjects();
    private @Nullable Map<ObjectRef, String> toKeep;

    /** When the cluster was heard of before the agent was started, in words. */
    private final String heard;

    /** Uids of the slivers that were made here before the agent was started. */
    private final Set<String> madeBefore;

    private final Map<String, ApiServer.Contact> deafSince = new HashMap<>();

    private volatile ApiServer.@Nullable Contact started;

    /** Slivers and BaseImages that the store knows, or has and cannot read; of the former, which object made them. */
    private volatile Map<ObjectRef, String> known = Map.of();

    private final AtomicLong moves = new AtomicLong();
    private volatile Map<ObjectRef, StatusBook.Seen> seen = Map.of();
    private @Nullable Read last;
    private volatile boolean readAway = true;

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
            StoreClaim claim,
            ApiServer server,
            Handshake handshake,
            NamespaceIds namespaces,
            RequestRate requests,
            Clock clock,
            Duration away,
            Remembered before,
            Namespaces trust,
            Watched slivers,
            Watched images,
            Watched stores) {
        this.cluster = cluster;
        this.claim = claim;
        this.reader = new ClusterReader(cluster.sourceId(), node);
        this.server = server;
        this.handshake = handshake;
        this.namespaces = namespaces;
        this.requests = requests;
        this.clock = clock;
        this.away = away;
        Instant heard = before.heard();
        this.heard = heard == null ? "" : " (it was heard of last at " + heard.truncatedTo(ChronoUnit.SECONDS) + ")";
        this.madeBefore = before.made();
        this.trust = trust;
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
        Map<ObjectRef, String> now = new HashMap<>();
        actual.slivers()
                .forEach((id, sliver) ->
                        now.put(ObjectRef.of(id), sliver.record().uid()));
        actual.images().keySet().forEach(name -> now.put(ObjectRef.image(name), ""));
        actual.damaged().forEach(damage -> now.put(damage.object(), ""));
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
        readAway = isAway();
        Read before = last;
        if (before != null && before.moves() == then && Objects.equals(before.trouble(), trouble)) {
            return before.reading();
        }
        Map<ObjectRef, String> there = known;
        JsonNode own = claim.own(stores.all());
        String barred = own == null ? null : claim.barred(own);
        List<ClusterReader.Served> served = new ArrayList<>();
        Map<ObjectRef, StatusBook.Seen> now = new HashMap<>();
        Set<String> named = new TreeSet<>();
        for (JsonNode each : slivers.all()) {
            JsonNode sliver = requests.counting(each);
            ObjectRef ref = ClusterReader.ref(sliver);
            if (counts(sliver, there.get(ref))) {
                served.add(new ClusterReader.Served(sliver, handshake.fate(sliver), identity(sliver)));
                now.put(ref, StatusBook.Seen.of(sliver));
                named.add(sliver.at("/spec/baseImage").asText());
            }
        }
        for (JsonNode image : images.all()) {
            ObjectRef ref = ClusterReader.ref(image);
            if (named.contains(ref.name()) || there.containsKey(ref)) {
                add(ref, image, served, now);
            }
        }
        for (JsonNode store : stores.all()) {
            add(ClusterReader.ref(store), store, served, now);
        }
        seen = now;
        toKeep = kept.of(served);
        Reading reading = reader.read(served, trouble, barred);
        last = new Read(then, trouble, reading);
        return reading;
    }

    /**
     * Whether a sliver is looked at. Nothing is made or taken up for one that could go without a word, and nothing is made for one
     * that goes already.
     *
     * @param there which object made what lies here under its name; null when nothing does
     */
    private static boolean counts(JsonNode sliver, @Nullable String there) {
        return Handshake.isOurs(sliver)
                ? there != null || !Handshake.isDeleting(sliver)
                : there != null && (there.isEmpty() || there.equals(Handshake.uid(sliver)));
    }

    private static void add(
            ObjectRef ref, JsonNode object, List<ClusterReader.Served> served, Map<ObjectRef, StatusBook.Seen> seen) {
        served.add(new ClusterReader.Served(object, Fate.STAYS, ClusterReader.identity(object)));
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
        return since == null || (!hasSynced() && !since.isOlderThan(away));
    }

    /** Whether the API server does not answer. By any thread. */
    boolean isAway() {
        ApiServer.Contact contact = server.lastContact();
        return contact == null || contact.isOlderThan(away);
    }

    /** Whether the last reading was made while the API server did not answer: what follows from it is only for this node. */
    boolean isReadAway() {
        return readAway;
    }

    /** Why what is here may be old, or null. In the same words as long as it is the same. */
    synchronized @Nullable String trouble() {
        ApiServer.Contact contact = server.lastContact();
        if (contact == null) {
            return "the API server of cluster " + cluster.uid()
                    + " has not been reached since the agent began" + heard
                    + ": what was declared last stays in force";
        }
        if (contact.isOlderThan(away)) {
            // Nor can it be watched, which begins anew when it answers again.
            deafSince.clear();
            return "the API server has not answered since " + contact.at().truncatedTo(ChronoUnit.SECONDS)
                    + ": what was declared last stays in force";
        }
        String deaf = null;
        for (Watched each : List.of(slivers, images, stores)) {
            if (!each.hasSynced()) {
                deaf = each.plural()
                        + " of the cluster have not been read since the agent began: what was declared last"
                        + " stays in force";
            } else if (isOverdue(each)) {
                deaf = each.plural() + " of the cluster are read anew, for nothing is heard of them any more: what was"
                        + " declared last stays in force";
            } else if (each.isWatching()) {
                deafSince.remove(each.plural());
            } else {
                ApiServer.Contact since = deafSince.computeIfAbsent(
                        each.plural(), unused -> new ApiServer.Contact(clock.instant(), System.nanoTime()));
                if (since.isOlderThan(away)) {
                    deaf = each.plural() + " of the cluster cannot be read since "
                            + since.at().truncatedTo(ChronoUnit.SECONDS) + ": what was declared last stays in force";
                }
            }
        }
        return deaf;
    }

    /**
     * Which object a sliver is. It was made here when the agent has said so of it, or has it. Who may annotate it may take up
     * what is of its namespace; a NodeStore is the operator's.
     */
    DeclaredIdentity identity(JsonNode sliver) {
        JsonNode own = claim.own(stores.all());
        boolean everything = own != null && ClusterReader.isAdopting(own);
        DeclaredIdentity bare = ClusterReader.identity(sliver);
        ObjectRef ref = ClusterReader.ref(sliver);
        boolean made = sliver.at("/status/revision").isNumber()
                || madeBefore.contains(bare.uid())
                || bare.uid().equals(known.get(ref));
        return new DeclaredIdentity(
                bare.uid(),
                bare.generation(),
                everything ? bare.adoption().ofAnybody() : bare.adoption(),
                Handshake.isOurs(sliver) && made,
                namespaces.of(sliver),
                Namespaces.matter(sliver) ? trust.of(id(ref).namespace()) : NamespaceTrust.UNKNOWN);
    }

    /** Whether this store is not the one that the cluster knows, so that nobody can tell what lies in that one. */
    boolean isBarred() {
        JsonNode own = claim.own(stores.all());
        return own != null && claim.barred(own) != null;
    }

    private boolean isOverdue(Watched watched) {
        return server.spans().isOverdue(watched.plural(), away);
    }

    /** Begins anew to read and to watch what nothing is heard of any more. By one thread at a time. */
    void mend() {
        for (Watched each : List.of(slivers, images, stores)) {
            // While nobody answers, nothing begins any sooner.
            boolean deaf = each.isDeaf(away);
            if (!isAway() && (deaf || isOverdue(each))) {
                server.spans().restarted(each.plural());
                each.restart();
            }
            each.sweep();
        }
    }

    /**
     * Whether a sliver that does not lie here may lie in another store of this node: in one that it names, and that the
     * cluster has. Where it names none that there is, nothing can lie there, or nobody can tell what does.
     *
     * @param store the name of this agent's
     */
    boolean isElsewhere(JsonNode sliver, String store) {
        String named =
                sliver.at("/status/store").asText(sliver.at("/spec/store").asText());
        if (named.isEmpty() || named.equals(store)) {
            return false;
        }
        JsonNode other = stores.get(ObjectRef.store(named));
        return !stores.hasSynced() || (other != null && !Handshake.isDeleting(other));
    }

    /** A sliver's id. */
    static SliverId id(ObjectRef sliver) {
        return SliverId.parse(sliver.name());
    }
}
