package dev.veneer.node.app;

import dev.veneer.api.v1alpha1.SliverUsage;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.ActualImage;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.DesiredStore;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.SourceState;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.Finding;
import dev.veneer.node.plan.Plan;
import dev.veneer.node.plan.PlanInput;
import dev.veneer.node.plan.Planner;
import dev.veneer.node.status.Situation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The node as it is, and how far that is from what is in force: the planner is asked what it would do if every object
 * were declared just as its record has it.
 */
final class LiveView {
    private final ActualState actual;
    private final Map<ObjectRef, List<Finding>> findings = new HashMap<>();
    private final Map<ObjectRef, List<Action>> pending = new HashMap<>();
    private final Set<String> imageNames = new TreeSet<>();
    private final DesiredStore store;
    private final Instant now = Instant.now();
    private long measuring;

    /** A reading command measures what nobody has measured yet, for at most so long. */
    private static final Duration MEASURE_AT_MOST = Duration.ofSeconds(1);

    private LiveView(ActualState actual, DesiredStore store) {
        this.actual = actual;
        this.store = store;
    }

    static LiveView look(NodeParts node) throws NodeException {
        ActualState actual = node.observer().observe();
        LiveView view = new LiveView(actual, node.settings(actual));
        Set<String> sources = new TreeSet<>();
        actual.slivers().values().forEach(sliver -> sources.add(sliver.record().sourceId()));
        actual.images().values().forEach(image -> sources.add(image.record().sourceId()));
        sources.forEach(view::plan);
        view.imageNames.addAll(actual.images().keySet());
        view.imageNames.addAll(node.store().statuses().images());
        return view;
    }

    private void plan(String source) {
        SortedMap<SliverId, DesiredSliver> slivers = new TreeMap<>();
        for (ActualSliver sliver : actual.slivers().values()) {
            if (sliver.record().sourceId().equals(source) && sliver.record().retainedAt() == null) {
                slivers.put(sliver.record().id(), sliver.inForce());
            }
        }
        SortedMap<String, DesiredBaseImage> images = new TreeMap<>();
        for (ActualImage image : actual.images().values()) {
            if (image.record().sourceId().equals(source)) {
                images.put(image.record().name(), image.inForce());
            }
        }
        DesiredState desired = new DesiredState(
                images, slivers, null, new SourceState(source, false, null, false, Set.of(), List.of()));
        Plan plan = Planner.plan(new PlanInput(desired, actual, store, now, Map.of()));
        plan.findings().forEach(finding -> findings.computeIfAbsent(finding.object(), unused -> new ArrayList<>())
                .add(finding));
        plan.actions().forEach(action -> pending.computeIfAbsent(action.object(), unused -> new ArrayList<>())
                .add(action));
    }

    /** What a sliver takes that has not been measured yet, or null when that cannot be told or takes too long. */
    @Nullable
    SliverUsage measure(NodeParts node, SliverRecord record) {
        if (record.dataDeleted() || measuring > MEASURE_AT_MOST.toNanos()) {
            return null;
        }
        long start = System.nanoTime();
        try {
            Measuring.usage(node, record);
        } catch (LinuxException | NodeException e) {
            // Damage has its own words; here it only means that there is no number.
            return null;
        } finally {
            measuring += System.nanoTime() - start;
        }
        return node.usage().of(record.id());
    }

    ActualState actual() {
        return actual;
    }

    DesiredStore store() {
        return store;
    }

    Instant now() {
        return now;
    }

    /** Names of BaseImages that have a record or a status. */
    Set<String> imageNames() {
        return imageNames;
    }

    Situation situation(ObjectRef object) {
        return new Situation(
                findings.getOrDefault(object, List.of()),
                pending.getOrDefault(object, List.of()),
                List.of(),
                null,
                null);
    }
}
