package dev.veneer.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.desired.Node;
import dev.veneer.node.kubernetes.NodeLease.Found;
import dev.veneer.node.model.Cadence;
import dev.veneer.node.model.ObjectRef;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A Lease that is another's: whether anybody renews it is seen from one look to the next, and no look waits. */
class NodeLeaseTest {
    private static final Duration LASTS = Duration.ofSeconds(60);
    private static final Found OTHERS = new Found(true, "other");

    private final AtomicLong nanos = new AtomicLong();
    private LeaseServer server;
    private ApiServer client;
    private NodeLease lease;

    @BeforeEach
    void open() throws Exception {
        server = new LeaseServer();
        client = server.client();
        lease = new NodeLease(client, "veneer-system", "n", "me", Clock.systemUTC(), LASTS, nanos::get);
    }

    @AfterEach
    void close() throws Exception {
        client.client().close();
        server.close();
    }

    private void pass(int seconds) {
        nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }

    /** Looks every 15 s until it is decided. */
    private int secondsUntilDecided() throws Exception {
        int seconds = 0;
        while (!lease.renew().decided()) {
            assertFalse(lease.counts());
            assertEquals("other", server.holder());
            assertTrue(seconds < 1000);
            seconds += 15;
            pass(15);
        }
        return seconds;
    }

    @Test
    void whatNobodyRenewsIsTakenInTheEnd() throws Exception {
        server.take("other", 1);
        assertEquals(60, secondsUntilDecided());
        assertEquals("me", server.holder());
        assertTrue(lease.counts());
        pass(30);
        assertEquals(Found.OURS, lease.renew());
    }

    @Test
    void whatIsRenewedIsAnothers() throws Exception {
        server.take("other", 1);
        assertEquals(Found.UNDECIDED, lease.renew());
        pass(15);
        assertEquals(Found.UNDECIDED, lease.renew());
        server.take("other", 2);
        pass(15);
        assertEquals(OTHERS, lease.renew());
        assertEquals("other", server.holder());
        assertFalse(lease.counts());
    }

    @Test
    void oneThatIsLetGoIsTakenAtOnce() throws Exception {
        server.take("other", 1);
        assertEquals(Found.UNDECIDED, lease.renew());
        server.take("", 1);
        assertEquals(Found.OURS, lease.renew());
        server.take("other", 2);
        assertEquals(OTHERS, lease.renew(), "who takes ours is there");
    }

    @Test
    void oneThatIsGoneIsMadeAnew() throws Exception {
        server.take("other", 1);
        assertEquals(Found.UNDECIDED, lease.renew());
        server.delete();
        assertEquals(Found.OURS, lease.renew());
        assertEquals("me", server.holder());
    }

    /** While it does not answer nobody can renew anything. */
    @Test
    void aServerThatWasAwayForLongIsWatchedFromTheStart() throws Exception {
        server.take("other", 1);
        assertEquals(Found.UNDECIDED, lease.renew());
        server.fails(true);
        for (int i = 0; i < 4; i++) {
            pass(15);
            assertThrows(ClusterException.class, lease::renew);
        }
        server.fails(false);
        pass(1);
        assertEquals(Found.UNDECIDED, lease.renew());
        server.take("other", 2);
        pass(15);
        assertEquals(OTHERS, lease.renew());
    }

    @Test
    void oneFailedLookDoesNotMatter() throws Exception {
        server.take("other", 1);
        assertEquals(Found.UNDECIDED, lease.renew());
        server.fails(true);
        pass(15);
        assertThrows(ClusterException.class, lease::renew);
        server.fails(false);
        pass(15);
        assertEquals(30, secondsUntilDecided());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "60                  | 60",
                "100                 | 105",
                "1                   | 60",
                "0                   | 60",
                "-5                  | 60",
                "9223372036854775807 | 120",
                "\"soon\"            | 60",
                "null                | 60"
            })
    void howLongItSaysThatItCountsIsBelievedWithinReason(String said, int seconds) throws Exception {
        server.put("{\"holderIdentity\":\"other\",\"leaseDurationSeconds\":" + said + "}");
        assertEquals(seconds, secondsUntilDecided());
    }

    /** All else that is done by the thread that beats goes on. */
    @Test
    void aBeatDoesNotWaitForAnothersLease() throws Exception {
        AtomicInteger beaten = new AtomicInteger();
        AtomicInteger renewed = new AtomicInteger();
        AtomicReference<String> lost = new AtomicReference<>("");
        Duration second = Duration.ofSeconds(1);
        Cadence cadence = new Cadence(Duration.ofMillis(100), second, second, second, second);
        ClusterLink.Agent agent = new ClusterLink.Agent(
                new Node("n", "/var/lib/veneer", Set.of("overlay"), Map.of()),
                "s",
                "veneer-system",
                "me",
                ref -> Optional.empty(),
                id -> false,
                new ClusterLink.Loop() {
                    @Override
                    public void changed() {}

                    @Override
                    public void asked(ObjectRef object) {}

                    @Override
                    public void lost(String why) {
                        lost.set(why);
                    }
                });
        server.take("other", 1);
        try (Heartbeat heart = new Heartbeat(client, agent, Clock.systemUTC(), cadence)) {
            heart.of(new ClusterId(LeaseServer.CLUSTER), new Heartbeat.Listener() {
                @Override
                public void renewed() {
                    renewed.incrementAndGet();
                }

                @Override
                public void beaten() {
                    beaten.incrementAndGet();
                }
            });
            heart.goOn();
            long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (beaten.get() < 3 && System.nanoTime() < end) {
                Thread.sleep(5);
            }
            assertEquals(0, renewed.get(), "it is watched still");
            assertEquals("other", server.holder());
            AtomicInteger done = new AtomicInteger();
            heart.later(done::incrementAndGet, Duration.ZERO);
            while ((renewed.get() == 0 || done.get() == 0) && System.nanoTime() < end) {
                Thread.sleep(5);
            }
            assertEquals("me", server.holder());
            assertEquals("", lost.get());
            assertEquals(1, done.get());
            server.take("other", 2);
            while (lost.get().isEmpty() && System.nanoTime() < end) {
                Thread.sleep(5);
            }
            assertTrue(lost.get().contains("is held by other"), lost.get());
        }
    }
}
