package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
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

    /** How often another's Lease is looked at. */
    private static final Duration LOOKING = Duration.ofSeconds(2);

    private final ApiServer server;
    private final String namespace;
    private final String name;
    private final String holder;
    private final Clock clock;
    private final Duration lasts;
    private @Nullable ObjectNode ours;

    /** Whether it was ours when it was last heard of. */
    private boolean had;

    private volatile @Nullable Long renewedNanos;

    /**
     * @param namespace where it lies
     * @param nodeName its name
     * @param holder says which agent this is, and stays the same when it is started again
     * @param lasts how long it counts without being renewed
     */
    NodeLease(ApiServer server, String namespace, String nodeName, String holder, Clock clock, Duration lasts) {
        this.server = server;
        this.namespace = namespace;
        this.name = nodeName;
        this.holder = holder;
        this.clock = clock;
        this.lasts = lasts;
    }

    /** Whether it is ours and has not expired, so that the agent is not taken for lost. By any thread. */
    boolean counts() {
        Long renewed = renewedNanos;
        return renewed != null && System.nanoTime() - renewed < lasts.toNanos();
    }

    private void renewed(Answer answer) {
        ours = (ObjectNode) answer.body();
        had = true;
        renewedNanos = System.nanoTime();
    }

    /**
     * Takes or renews it.
     *
     * @return who else holds it, or null when it is ours
     */
    @Nullable
    String renew() throws ClusterException, InterruptedException {
        ObjectNode known = ours;
        if (known != null) {
            Answer answer = server.put(path(), renewed(known, false));
            if (answer.isA(KIND)) {
                renewed(answer);
                return null;
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
                    ObjectNode now = had ? lease : awaitRenewal(lease);
                    if (now == null) {
                        continue;
                    }
                    if (isOfAnother(now) && (had || !now.get("spec").equals(lease.get("spec")))) {
                        return now.at("/spec/holderIdentity").asText();
                    }
                    lease = now;
                }
                taken = server.put(path(), renewed(lease, !other.equals(holder)));
            } else {
                throw refused("read", there);
            }
            if (taken.isA(KIND)) {
                renewed(taken);
                return null;
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
     * @return the Lease as it was last, or null when it is gone
     */
    private @Nullable ObjectNode awaitRenewal(ObjectNode lease) throws ClusterException, InterruptedException {
        long said = lease.at("/spec/leaseDurationSeconds").asLong();
        // One that says less may be renewed as seldom as ours is; one that says more is not waited for that long.
        long seconds = Math.max(lasts.toSeconds(), Math.min(said, 2 * lasts.toSeconds()));
        LOG.info(
                "the Lease {}/{} is held by {}: seeing for {} s whether it is still renewed",
                namespace,
                name,
                lease.at("/spec/holderIdentity").asText(),
                seconds);
        ObjectNode last = lease;
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        while (System.nanoTime() - end < 0) {
            Thread.sleep(Math.max(1, Math.min(LOOKING.toMillis(), (end - System.nanoTime()) / 1_000_000)));
            Answer now = server.get(path());
            if (now.status() == 404) {
                return null;
            }
            if (!now.isA(KIND)) {
                throw refused("read", now);
            }
            if (!now.body().path("spec").equals(lease.path("spec"))) {
                return (ObjectNode) now.body();
            }
            last = (ObjectNode) now.body();
        }
        return last;
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
