package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Lease of a node's agent: renewing it says that the agent is alive, and holding it that it is the only one of that node's
 * name. For one thread at a time.
 */
final class NodeLease {
    private static final Logger LOG = LoggerFactory.getLogger(NodeLease.class);
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final String API = "coordination.k8s.io/v1";
    private static final String KIND = "Lease";
    private static final int TRIES = 3;

    private final ApiServer server;
    private final String namespace;
    private final String name;
    private final String holder;
    private final Clock clock;
    private final Duration lasts;
    private final LongSupplier nanoTime;
    private @Nullable ObjectNode ours;

    /** Another's Lease, of which it is not known whether anybody renews it; null when there is none. */
    private @Nullable Watching watching;

    /** Whether it was ours when it was last heard of. */
    private boolean had;

    private volatile @Nullable Long renewedNanos;

    /**
     * What a look at it came to.
     *
     * @param decided whether it is known whose it is
     * @param other who else holds it; null when it is ours, or not decided
     */
    record Found(boolean decided, @Nullable String other) {
        static final Found OURS = new Found(true, null);
        static final Found UNDECIDED = new Found(false, null);
    }

    /**
     * A Lease that is looked at again and again.
     *
     * @param spec what it said at first
     * @param since when that was, in nanoseconds
     * @param last when it said the same last
     * @param nanos for how long it may say the same although its holder is there
     */
    private record Watching(JsonNode spec, long since, long last, long nanos) {}

    /**
     * @param namespace where it lies
     * @param nodeName its name
     * @param holder says which agent this is, and stays the same when it is started again
     * @param lasts how long it counts without being renewed
     * @param nanoTime a clock that does not jump, in nanoseconds
     */
    NodeLease(
            ApiServer server,
            String namespace,
            String nodeName,
            String holder,
            Clock clock,
            Duration lasts,
            LongSupplier nanoTime) {
        this.server = server;
        this.namespace = namespace;
        this.name = nodeName;
        this.holder = holder;
        this.clock = clock;
        this.lasts = lasts;
        this.nanoTime = nanoTime;
    }

    /** Whether it is ours and has not expired, so that the agent is not taken for lost. By any thread. */
    boolean counts() {
        Long renewed = renewedNanos;
        return renewed != null && nanoTime.getAsLong() - renewed < lasts.toNanos();
    }

    private void renewed(Answer answer) {
        ours = (ObjectNode) answer.body();
        had = true;
        watching = null;
        renewedNanos = nanoTime.getAsLong();
    }

    /**
     * Takes or renews it; never waits. Another's is taken when enough looks have shown that nobody renews it, so until that is
     * decided it is to be asked for again, and soon.
     */
    Found renew() throws ClusterException, InterruptedException {
        ObjectNode known = ours;
        if (known != null) {
            Answer answer = server.put(path(), renewed(known, false));
            if (answer.isA(KIND)) {
                renewed(answer);
                return Found.OURS;
            }
            if (answer.status() != 409 && answer.status() != 404) {
                throw refused("renew", answer);
            }
            ours = null;
        }
        for (int tried = 0; tried < TRIES; tried++) {
            Answer there = server.get(path());
            Answer taken;
            if (there.status() == 404) {
                taken = server.post(collection(), anew());
            } else if (there.isA(KIND)) {
                ObjectNode lease = (ObjectNode) there.body();
                String other = lease.at("/spec/holderIdentity").asText();
                if (isOfAnother(lease)) {
                    renewedNanos = null;
                    // Who took it from us was there just now.
                    Found found = had ? new Found(true, other) : watch(lease);
                    if (!found.decided() || found.other() != null) {
                        return found;
                    }
                }
                taken = server.put(path(), renewed(lease, !other.equals(holder)));
            } else {
                throw refused("read", there);
            }
            if (taken.isA(KIND)) {
                renewed(taken);
                return Found.OURS;
            }
            if (taken.status() != 409) {
                throw refused("take", taken);
            }
            // Somebody was faster; it may have been this very agent, whose answer was lost. The Lease says.
        }
        String words = "cannot take the Lease " + namespace + "/" + name + ": it changes all the time";
        throw new ClusterException(words, new IllegalStateException(words));
    }

    private ClusterException refused(String what, Answer answer) {
        String words = "cannot " + what + " the Lease " + namespace + "/" + name + ": " + answer.words();
        return new ClusterException(words, answer);
    }

    /** Lets it go, so that another agent need not wait. */
    void release() throws ClusterException, InterruptedException {
        ObjectNode known = ours;
        if (known != null) {
            ObjectNode released = renewed(known, false);
            ((ObjectNode) released.get("spec")).put("holderIdentity", "").put("leaseDurationSeconds", 1);
            server.put(path(), released);
            ours = null;
            had = false;
            renewedNanos = null;
        }
    }

    private boolean isOfAnother(JsonNode lease) {
        String other = lease.at("/spec/holderIdentity").asText();
        return !other.isEmpty() && !other.equals(holder);
    }

    /**
     * Looks whether another's Lease is renewed within the time for which it counts, by a clock that does not jump: the times in
     * it are those of its holder's, which may be wrong by any amount, as ours may.
     *
     * @return {@link Found#OURS} when nobody renews it, so that it may be taken
     */
    private Found watch(ObjectNode lease) {
        long now = nanoTime.getAsLong();
        JsonNode spec = lease.path("spec");
        Watching before = watching;
        // What was not looked at for long may have been renewed, and have been kept from it, any number of times.
        if (before == null || now - before.last() > lasts.toNanos() / 3 * 2) {
            long said = spec.path("leaseDurationSeconds").asLong();
            // One that says less may be renewed as seldom as ours is; one that says more is not waited for that long.
            long nanos = Math.max(
                    lasts.toNanos(),
                    Duration.ofSeconds(Math.max(0, Math.min(said, 2 * lasts.toSeconds())))
                            .toNanos());
            LOG.info(
                    "the Lease {}/{} is held by {}: seeing for {} s whether it is still renewed",
                    namespace,
                    name,
                    spec.path("holderIdentity").asText(),
                    Duration.ofNanos(nanos).toSeconds());
            watching = new Watching(spec, now, now, nanos);
            return Found.UNDECIDED;
        }
        if (!spec.equals(before.spec())) {
            watching = null;
            return new Found(true, spec.path("holderIdentity").asText());
        }
        if (now - before.since() < before.nanos()) {
            watching = new Watching(spec, before.since(), now, before.nanos());
            return Found.UNDECIDED;
        }
        return Found.OURS;
    }

    private ObjectNode anew() {
        ObjectNode lease = JsonNodeFactory.instance.objectNode();
        lease.put("apiVersion", API).put("kind", KIND);
        lease.putObject("metadata").put("namespace", namespace).put("name", name);
        return renewed(lease, true);
    }

    private ObjectNode renewed(ObjectNode lease, boolean taken) {
        ObjectNode next = lease.deepCopy();
        ((ObjectNode) next.get("metadata")).remove("managedFields");
        ObjectNode spec = next.path("spec") instanceof ObjectNode there ? there : next.putObject("spec");
        String now = MICROS.format(clock.instant());
        spec.put("holderIdentity", holder)
                .put("leaseDurationSeconds", lasts.toSeconds())
                .put("renewTime", now);
        if (taken) {
            spec.put("acquireTime", now)
                    .put("leaseTransitions", spec.path("leaseTransitions").asInt() + 1);
        }
        return next;
    }

    private String collection() {
        return "/apis/" + API + "/namespaces/" + namespace + "/leases";
    }

    private String path() {
        return collection() + "/" + name;
    }
}
