package dev.veneer.node.kubernetes;

import dev.veneer.node.model.Cadence;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says by the node's Lease that its agent is alive, and ends the agent when another one is it, or when the API server is that of
 * another cluster. While nothing answers it goes on asking.
 */
final class Heartbeat implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    static final String OTHER_CLUSTER = "the API server is that of another cluster now";

    /** How long to wait between two tries of an API server that was away when the agent was started, and before it is decided. */
    private static final Duration KNOCKING = Duration.ofSeconds(2);

    private final ApiServer server;
    private final ClusterLink.Agent agent;
    private final Cadence cadence;
    private final NodeLease lease;
    private final ScheduledExecutorService beats;
    private @Nullable ClusterId cluster;
    private @Nullable Listener listener;
    private String failure = "";

    /** How it stands with the Lease after a beat. */
    private enum Standing {
        /** It is this agent's. */
        OURS,
        /** It is another's, who may be gone. */
        UNDECIDED,
        /** It is another's, and the agent was told to end. */
        LOST
    }

    /** What else is to be done with each beat. */
    interface Listener {
        /** The Lease was renewed. A failure is one of the beat. */
        void renewed() throws ClusterException, InterruptedException;

        /** It was tried. */
        void beaten();
    }

    Heartbeat(ApiServer server, ClusterLink.Agent agent, Clock clock, Cadence cadence) {
        this.server = server;
        this.agent = agent;
        this.cadence = cadence;
        this.lease = new NodeLease(
                server,
                agent.namespace(),
                agent.node().name(),
                agent.holder(),
                clock,
                cadence.lease(),
                System::nanoTime);
        this.beats = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "lease");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Which cluster it is. */
    ClusterId identify() throws ClusterException, InterruptedException {
        Answer answer = server.get("/api/v1/namespaces/kube-system");
        String uid = answer.body().at("/metadata/uid").asText();
        if (!answer.isA("Namespace") || uid.isEmpty()) {
            String words = "which cluster it is cannot be read (namespace kube-system): " + answer.words();
            throw new ClusterException(words, answer);
        }
        return new ClusterId(uid);
    }

    /** Takes the Lease, for which it may have to be looked at for some minutes; returns who holds it instead, or null. */
    @Nullable
    String take() throws ClusterException, InterruptedException {
        NodeLease.Found found = lease.renew();
        while (!found.decided()) {
            Thread.sleep(KNOCKING.toMillis());
            found = lease.renew();
        }
        return found.other();
    }

    /** Whether the Lease is ours and has not expired. By any thread. */
    boolean counts() {
        return lease.counts();
    }

    /** The words for a Lease that somebody else holds. */
    String inTheWay(String other) {
        return "another agent is the agent of node " + agent.node().name() + ": its Lease " + agent.namespace() + "/"
                + agent.node().name() + " is held by " + other
                + "; give this one another --node-name, or end the other";
    }

    /** Says of which cluster it is, and who is to be told. Before all that beats. */
    synchronized void of(ClusterId expected, Listener told) {
        cluster = expected;
        listener = told;
    }

    /** Asks whether the API server is there, and which it is, before anything that it says is believed; then begins, and beats. */
    void knock(Runnable begin) {
        later(() -> tryTo(begin), KNOCKING);
    }

    private void tryTo(Runnable begin) {
        try {
            Standing standing = recognized();
            if (standing == Standing.OURS) {
                begin.run();
                beat();
                goOn();
            } else if (standing == Standing.UNDECIDED) {
                knock(begin);
            }
        } catch (ClusterException e) {
            knock(begin);
        } catch (RejectedExecutionException e) {
            LOG.debug("the agent ends", e);
        } catch (RuntimeException e) {
            LOG.error("the API server cannot be asked by a fault of Veneer, tried again", e);
            knock(begin);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** How it stands, of an API server that has to show first that it is the one: whoever answers may be another. */
    private Standing recognized() throws ClusterException, InterruptedException {
        if (!identify().equals(cluster)) {
            agent.loop().lost(OTHER_CLUSTER);
            return Standing.LOST;
        }
        return standing();
    }

    private Standing standing() throws ClusterException, InterruptedException {
        NodeLease.Found found = lease.renew();
        String other = found.other();
        if (other != null) {
            agent.loop().lost(inTheWay(other));
            return Standing.LOST;
        }
        return found.decided() ? Standing.OURS : Standing.UNDECIDED;
    }

    /** Beats for the first time, and again until it is known whether another is the agent. */
    void begin() throws InterruptedException {
        while (!beatOnce()) {
            Thread.sleep(KNOCKING.toMillis());
        }
    }

    /** Beats from now on. */
    void goOn() {
        long millis = cadence.renewal().toMillis();
        Future<?> unused = beats.scheduleWithFixedDelay(this::beat, millis, millis, TimeUnit.MILLISECONDS);
    }

    /** Beats at once, by its own thread: the API server is back, and the Lease may have expired meanwhile. */
    void now() {
        try {
            beats.execute(this::beat);
        } catch (RejectedExecutionException e) {
            LOG.debug("the agent ends", e);
        }
    }

    /** Does something by its own thread, unless the agent ends before. */
    void later(Runnable task, Duration wait) {
        try {
            Future<?> unused = beats.schedule(task, wait.toMillis() + 1, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the agent ends", e);
        }
    }

    /** Says that the agent is alive, and looks whether all is as it was. */
    void beat() {
        boolean unused = beatOnce();
    }

    /** The same; false while it is not known whose the Lease is. */
    private synchronized boolean beatOnce() {
        Listener told = listener;
        if (told == null) {
            return true;
        }
        Standing standing = Standing.OURS;
        try {
            standing = failure.isEmpty() ? standing() : recognized();
            if (standing == Standing.LOST) {
                return true;
            }
            failure = "";
            if (standing == Standing.OURS) {
                told.renewed();
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
        told.beaten();
        return standing != Standing.UNDECIDED;
    }

    /** Beats no more. */
    void stop() {
        beats.shutdownNow();
    }

    /** Ends, and lets the Lease go. */
    @Override
    public void close() {
        stop();
        try {
            if (beats.awaitTermination(1, TimeUnit.SECONDS)) {
                lease.release();
            }
        } catch (ClusterException e) {
            LOG.debug("the Lease was not let go: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
