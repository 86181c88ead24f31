package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * The Lease of a node's agent: renewing it says that the agent is alive, and holding it that it is the only one of that node's
 * name. For one thread at a time.
 */
final class NodeLease {
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
    private @Nullable ObjectNode ours;
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
                if (!other.isEmpty() && !other.equals(holder) && !isExpired(lease)) {
                    return other;
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
            renewedNanos = null;
        }
    }

    private boolean isExpired(JsonNode lease) {
        try {
            Instant renewed = Instant.parse(lease.at("/spec/renewTime").asText());
            long seconds = lease.at("/spec/leaseDurationSeconds").asLong(lasts.toSeconds());
            return renewed.plusSeconds(seconds).isBefore(clock.instant());
        } catch (DateTimeException e) {
            // Nobody renews a Lease without saying when.
            return true;
        }
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
