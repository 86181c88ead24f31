package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.desired.DesiredStateSource;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.NodeFacts;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** The passes of an agent without a node: reads what is declared, and says of each object that all is well with it, and whether it is fresh. */
final class PlayedPasses implements ClusterLink.Loop {
    static final ActualState NOTHING = new ActualState(
            new NodeFacts("n", "/s", "/s/rootfs", 0, 0, false, List.of(), "", List.of()),
            Map.of(),
            Map.of(),
            Map.of(),
            List.of(),
            null,
            new TreeMap<>(),
            false);

    private final List<ObjectRef> objects;
    private final Map<ObjectRef, String> said = new ConcurrentHashMap<>();
    private final AtomicBoolean due = new AtomicBoolean(true);
    private volatile boolean ended;
    private volatile String trouble = "";
    private volatile String lost = "";
    private final AtomicInteger passes = new AtomicInteger();
    private Thread thread = new Thread();
    private Instant since = Instant.EPOCH;
    private String freshness = "";

    /** Whether what passes come to cannot be written. */
    volatile boolean unwritable;

    PlayedPasses(List<ObjectRef> objects) {
        this.objects = objects;
    }

    void begin(ClusterLink link, DesiredStateSource source) {
        thread = new Thread(
                () -> {
                    while (!ended) {
                        if (due.getAndSet(false)) {
                            pass(link, source);
                        }
                        sleep();
                    }
                },
                "passes");
        thread.start();
    }

    private void pass(ClusterLink link, DesiredStateSource source) {
        List<Problem> problems = source.read().problems().stream()
                .filter(problem -> !problem.warning())
                .toList();
        trouble = problems.isEmpty() ? "" : problems.get(0).message();
        String now = problems.isEmpty() ? "True" : "False";
        if (!now.equals(freshness)) {
            freshness = now;
            since = since.equals(Instant.EPOCH) ? Instant.parse("2026-01-01T00:00:00Z") : Instant.now();
        }
        for (ObjectRef ref : objects) {
            String status = status(ref, now);
            if (!unwritable && !status.equals(said.put(ref, status))) {
                link.say(ref, status);
            }
        }
        link.passed(NOTHING, !unwritable);
        passes.incrementAndGet();
    }

    private String status(ObjectRef ref, String fresh) {
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        boolean sliver = ref.kind() == ObjectRef.Kind.Sliver;
        if (sliver) {
            status.put("driver", "overlay").put("driverReason", "the first that works");
        }
        var conditions = status.putArray("conditions");
        conditions.add(condition("Ready", "True", Instant.parse("2026-01-01T00:00:00Z")));
        if (sliver) {
            conditions.add(condition("DesiredStateFresh", fresh, since));
        }
        return status.toString();
    }

    private static ObjectNode condition(String type, String value, Instant since) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", type)
                .put("status", value)
                .put("reason", value.equals("True") ? "Succeeded" : "SourceHeld")
                .put("message", "")
                .put("lastTransitionTime", since.toString().substring(0, 19) + "Z");
    }

    /** What was said of an object, as a store keeps it. */
    Optional<String> kept(ObjectRef ref) {
        return Optional.ofNullable(said.get(ref));
    }

    /** What the last pass read was wrong with the source. */
    String trouble() {
        return trouble;
    }

    /** Why the agent had to end; empty when it need not. */
    String lost() {
        return lost;
    }

    int passes() {
        return passes.get();
    }

    @Override
    public void changed() {
        due.set(true);
    }

    @Override
    public void asked(ObjectRef object) {
        due.set(true);
    }

    @Override
    public void lost(String why) {
        lost = why;
    }

    private static void sleep() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes no more passes. */
    void end() throws InterruptedException {
        ended = true;
        thread.join();
    }
}
