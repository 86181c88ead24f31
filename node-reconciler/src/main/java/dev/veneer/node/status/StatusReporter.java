package dev.veneer.node.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.veneer.api.Conditions;
import dev.veneer.api.v1alpha1.BaseImageStatus;
import dev.veneer.api.v1alpha1.Condition;
import dev.veneer.api.v1alpha1.NodeStoreStatus;
import dev.veneer.api.v1alpha1.SliverStatus;
import dev.veneer.api.v1alpha1.SliverUsage;
import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.execute.Workers;
import dev.veneer.node.execute.Working;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ActualImage;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.OrderedMap;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.Unchanged;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.Plan;
import dev.veneer.node.plan.PlanInput;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.store.StatusStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the status of each object after a pass; the only writer. In a steady pass nothing is computed and nothing
 * written: an object whose facts are the very ones of the pass before keeps the status that it has.
 */
public final class StatusReporter {
    private static final Logger LOG = LoggerFactory.getLogger(StatusReporter.class);

    /** What a sliver's status was computed from. */
    private record Facts(
            ActualSliver actual, Situation situation, @Nullable Digest image, @Nullable SliverUsage usage) {
        boolean are(
                ActualSliver nowActual,
                Situation nowSituation,
                @Nullable Digest nowImage,
                @Nullable SliverUsage nowUsage) {
            return actual.equals(nowActual)
                    && situation.equals(nowSituation)
                    && Objects.equals(image, nowImage)
                    && Objects.equals(usage, nowUsage);
        }
    }

    /** A status that was written. */
    private record Told(Facts facts, SliverStatus status) {}

    /** What was reported of all slivers: as long as it is the very same, there is nothing new to report. */
    private record Reported(
            Map<SliverId, ActualSliver> slivers,
            Map<String, ActualImage> images,
            DesiredState desired,
            Map<ObjectRef, Situation> situations,
            long usage) {
        boolean isStill(Reported now) {
            return Unchanged.isSame(slivers, now.slivers)
                    && Unchanged.isSame(images, now.images)
                    && Unchanged.isSame(desired, now.desired)
                    && usage == now.usage
                    && situations.equals(now.situations);
        }

        /** The slivers whose status may be another now; null if it may be that of any. */
        @Nullable
        Set<SliverId> changes(Reported now) {
            if (!images.equals(now.images)
                    || usage != now.usage
                    || !Objects.equals(
                            desired.source().hold(), now.desired.source().hold())) {
                return null;
            }
            Set<SliverId> ids = OrderedMap.differences(slivers, now.slivers);
            ids.addAll(OrderedMap.differences(desired.slivers(), now.desired.slivers()));
            ids.addAll(slivers(situations).keySet());
            ids.addAll(slivers(now.situations).keySet());
            return ids;
        }

        /** Of slivers; a wrong declaration may have a name that none can have. */
        static Map<SliverId, Situation> slivers(Map<ObjectRef, Situation> situations) {
            Map<SliverId, Situation> slivers = new HashMap<>();
            situations.forEach((ref, situation) -> {
                if (ref.kind() == ObjectRef.Kind.Sliver && AbsentReporter.isSliver(ref)) {
                    slivers.put(SliverId.parse(ref.name()), situation);
                }
            });
            return slivers;
        }
    }

    /** Working a status out takes as long as writing it, so one thread does the one while another does the other. */
    private static final int PARALLEL = 2;

    private final StatusStore statuses;
    private final ObjectMapper json;
    private final UsageBook usage;
    private final Map<SliverId, Facts> slivers = new HashMap<>();

    /** What was told last: when a thousand slivers are mounted again after a reboot, to read them all takes a tenth of it. */
    private final Map<SliverId, SliverStatus> last = new HashMap<>();

    private final Map<ObjectRef, Object> others = new HashMap<>();
    private final Map<SliverId, String> ready = new HashMap<>();
    private final Map<String, Integer> readyCounts = new HashMap<>();
    private boolean cleaned;
    private final StoreReporter store;
    private final RewriteNews news = new RewriteNews();
    private final AbsentReporter absent;
    private @Nullable Reported reported;

    public StatusReporter(StatusStore statuses, ObjectMapper json, UsageBook usage) {
        this.statuses = statuses;
        this.json = json;
        this.usage = usage;
        this.store = new StoreReporter(statuses, json, System::nanoTime);
        this.absent = new AbsentReporter(statuses, json);
    }

    /** A plan is about to be carried out: what is told of its imports meanwhile adds to what is so now. */
    public void begins(PlanInput input, Plan plan) {
        if (plan.actions().stream().noneMatch(Action.ImportImage.class::isInstance) && !store.tells()) {
            return;
        }
        try {
            store.begins(
                    ObjectRef.store(input.store().name()), storeStatus(Situations.of(input, plan, List.of()), input));
        } catch (NodeException e) {
            LOG.debug("what is told of imports while they go on needs what was told before", e);
        }
    }

    /** A pass is over, reported or not. */
    public void ended() {
        store.ended();
    }

    /**
     * An import goes on, which may take longer than anybody wants to wait for news. By any thread.
     *
     * @param elapsed since it began
     * @param percent how much was read; null when that cannot be told
     */
    public void importing(DesiredBaseImage image, Duration elapsed, @Nullable Integer percent) {
        store.importing(image, elapsed, percent);
    }

    /** A sliver is being rewritten. By one thread, between two reports; what cannot be written is told by the next. */
    public void working(Working now) {
        if (!news.isDue(now)) {
            return;
        }
        ObjectRef ref = ObjectRef.of(now.sliver());
        try {
            SliverStatus known = last.get(now.sliver());
            SliverStatus before = known != null ? known : read(ref, SliverStatus.class);
            if (before != null) {
                SliverStatus status = RewriteNews.with(before, now);
                statuses.writeMeanwhile(ref, text(status));
                last.put(now.sliver(), status);
            }
        } catch (NodeException e) {
            LOG.debug("that {} is being rewritten cannot be told", ref, e);
        }
    }

    /** How many slivers have each reason in their condition {@code Ready}. */
    public Map<String, Integer> readyReasons() {
        return Map.copyOf(readyCounts);
    }

    /** How many bytes a compaction of each sliver would give back, as last estimated. */
    public Map<SliverId, Long> reclaimable() {
        return usage.reclaimable();
    }

    private void noteReady(SliverId id, SliverStatus status) {
        for (Condition condition : status.conditions()) {
            if (condition.type().equals(Conditions.READY)) {
                uncount(ready.put(id, condition.reason()));
                readyCounts.merge(condition.reason(), 1, Integer::sum);
            }
        }
    }

    private void uncount(@Nullable String reason) {
        if (reason != null) {
            readyCounts.computeIfPresent(reason, (same, count) -> count == 1 ? null : count - 1);
        }
    }

    /** Reports a pass. */
    public void report(PlanInput input, Plan left, List<ActionResult> results) throws NodeException {
        Map<ObjectRef, Situation> situations = Situations.of(input, left, results);
        Situation quiet = Situation.quiet(input.desired().source().hold());
        Reported now = new Reported(
                input.actual().slivers(), input.actual().images(), input.desired(), situations, usage.version());
        Reported before = reported;
        Set<SliverId> overdue = news.taken();
        if (!results.isEmpty() || !overdue.isEmpty() || before == null || !before.isStill(now)) {
            reported = null;
            Set<SliverId> open = before == null ? null : before.changes(now);
            open = open == null ? all(input) : open;
            open.addAll(overdue);
            slivers.keySet().removeAll(overdue);
            slivers(input, open, Reported.slivers(situations), quiet);
            absent.report(input, open, situations);
            reported = now;
        }
        store(situations, input);
        for (String name : imageNames(input)) {
            image(name, situations.getOrDefault(ObjectRef.image(name), quiet), input);
        }
    }

    /** Every sliver that is declared, or there, or was. */
    private Set<SliverId> all(PlanInput input) {
        Set<SliverId> all = new TreeSet<>(slivers.keySet());
        all.addAll(input.actual().slivers().keySet());
        all.addAll(input.desired().slivers().keySet());
        return all;
    }

    private void slivers(PlanInput input, Set<SliverId> open, Map<SliverId, Situation> special, Situation quiet)
            throws NodeException {
        List<Facts> changed = new ArrayList<>();
        for (SliverId id : open) {
            ActualSliver actual = input.actual().slivers().get(id);
            if (actual == null) {
                slivers.remove(id);
                last.remove(id);
                uncount(ready.remove(id));
                continue;
            }
            Situation situation = special.getOrDefault(id, quiet);
            ActualImage image = input.actual().images().get(actual.record().baseName());
            Digest digest = image == null ? null : image.record().digest();
            SliverUsage measured = usage.of(id);
            Facts before = slivers.get(id);
            if (before == null || !situation.results().isEmpty() || !before.are(actual, situation, digest, measured)) {
                changed.add(new Facts(actual, situation, digest, measured));
            }
        }
        Queue<Told> told = new ConcurrentLinkedQueue<>();
        AtomicReference<Exception> failure = new AtomicReference<>();
        Workers.forEach(changed, PARALLEL, "status", facts -> {
            try {
                if (failure.get() == null) {
                    told.add(new Told(facts, sliver(facts, input)));
                }
            } catch (NodeException | RuntimeException e) {
                failure.compareAndSet(null, e);
            }
        });
        for (Told each : told) {
            Facts facts = each.facts();
            SliverId id = facts.actual().record().id();
            noteReady(id, each.status());
            last.put(id, each.status());
            slivers.put(
                    id, new Facts(facts.actual(), facts.situation().withoutResults(), facts.image(), facts.usage()));
        }
        Exception failed = failure.get();
        if (failed instanceof NodeException e) {
            throw e;
        }
        if (failed instanceof RuntimeException e) {
            throw e;
        }
    }

    private SliverStatus sliver(Facts facts, PlanInput input) throws NodeException {
        ActualSliver actual = facts.actual();
        Situation situation = facts.situation();
        ObjectRef ref = ObjectRef.of(actual.record().id());
        boolean fresh = situation.results().stream().anyMatch(r -> r.action() instanceof Action.CreateSliver);
        SliverStatus previous = fresh ? null : last.get(actual.record().id());
        if (previous == null && !fresh) {
            previous = read(ref, SliverStatus.class);
        }
        SliverUsage measured = facts.usage();
        if (situation.results().stream().anyMatch(StatusReporter::isRewritten)) {
            // What was measured before was of another revision.
            usage.forget(actual.record().id());
            measured = null;
        } else if (measured == null && previous != null && previous.usage() != null) {
            // Another process measured it: that number is older than none, and better.
            measured = previous.usage();
            usage.put(actual.record().id(), measured);
        }
        SliverStatus status = SliverStatusComputer.compute(
                previous,
                actual,
                situation,
                facts.image(),
                measured,
                input.actual().node().storePath(),
                input.now());
        if (status.equals(previous)) {
            return status;
        }
        if (fresh) {
            statuses.writeAnew(ref, text(status));
        } else {
            statuses.write(ref, text(status));
        }
        return status;
    }

    private static boolean isRewritten(ActionResult result) {
        return result.outcome() == ActionResult.Outcome.DONE
                && (result.action() instanceof Rewrite || result.action() instanceof Action.NewInstance);
    }

    private void store(Map<ObjectRef, Situation> situations, PlanInput input) throws NodeException {
        store.write(ObjectRef.store(input.store().name()), storeStatus(situations, input));
    }

    private NodeStoreStatus storeStatus(Map<ObjectRef, Situation> situations, PlanInput input) throws NodeException {
        ObjectRef ref = ObjectRef.store(input.store().name());
        Situation situation = situations.getOrDefault(ref, Situation.QUIET);
        NodeStoreStatus last = store.last();
        NodeStoreStatus previous = last != null ? last : read(ref, NodeStoreStatus.class);
        return StoreStatusComputer.compute(
                previous,
                input,
                StoredImages.rows(input.desired(), input.actual(), situations),
                situation.withoutResults(),
                usage);
    }

    private void image(String name, Situation situation, PlanInput input) throws NodeException {
        ObjectRef ref = ObjectRef.image(name);
        ActualImage actual = input.actual().images().get(name);
        if (actual == null && !input.desired().baseImages().containsKey(name)) {
            statuses.forget(ref);
            others.remove(ref);
            return;
        }
        Digest digest = actual == null ? null : actual.record().digest();
        var base = digest == null ? null : input.actual().bases().get(digest);
        List<SliverId> users = new ArrayList<>();
        if (digest != null && !input.desired().baseImages().containsKey(name)) {
            for (ActualSliver sliver : input.actual().slivers().values()) {
                if (sliver.record().baseDigest().equals(digest)) {
                    users.add(sliver.record().id());
                }
            }
        }
        List<Object> facts = new ArrayList<>();
        facts.add(situation.withoutResults());
        facts.add(actual == null ? "" : actual);
        facts.add(base == null ? "" : base);
        facts.add(users);
        if (facts.equals(others.get(ref)) && situation.results().isEmpty()) {
            return;
        }
        BaseImageStatus status = ImageStatusComputer.compute(
                read(ref, BaseImageStatus.class), actual, base, users, situation, input.now());
        statuses.write(ref, text(status));
        others.put(ref, facts);
    }

    private Set<String> imageNames(PlanInput input) throws NodeException {
        TreeSet<String> names = new TreeSet<>(input.desired().baseImages().keySet());
        if (!cleaned) {
            // What an earlier process wrote of images that have gone since.
            names.addAll(statuses.images());
            cleaned = true;
        }
        names.addAll(input.actual().images().keySet());
        for (ObjectRef ref : others.keySet()) {
            if (ref.kind() == ObjectRef.Kind.BaseImage) {
                names.add(ref.name());
            }
        }
        return names;
    }

    private <T> @Nullable T read(ObjectRef ref, Class<T> type) throws NodeException {
        Optional<String> text = statuses.read(ref);
        if (text.isEmpty()) {
            return null;
        }
        try {
            return json.readerFor(type)
                    .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .readValue(text.get());
        } catch (JsonProcessingException e) {
            // A status is computed from facts; one that cannot be read is only missing its past.
            return null;
        }
    }

    private String text(Object status) {
        try {
            return json.writeValueAsString(status);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a status is plain data", e);
        }
    }
}
