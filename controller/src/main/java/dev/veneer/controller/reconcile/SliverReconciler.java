package dev.veneer.controller.reconcile;

import dev.veneer.api.Annotations;
import dev.veneer.api.Finalizers;
import dev.veneer.api.v1alpha1.Condition;
import dev.veneer.api.v1alpha1.NodeStore;
import dev.veneer.api.v1alpha1.Sliver;
import dev.veneer.api.v1alpha1.SliverStatus;
import dev.veneer.controller.decide.Heartbeat;
import dev.veneer.controller.decide.Lost;
import dev.veneer.controller.decide.SliverDecision;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Says of slivers that their node is lost, and gives up waiting for nodes that are gone for ever. */
public final class SliverReconciler implements Reconciler<Sliver> {
    private static final Duration NOT_YET = Duration.ofSeconds(1);

    private final Shared shared;
    private final Nodes nodes;
    private final Writer writer;
    private final Duration goneAfter;
    private final Marks marks;
    private final Map<String, List<String>> images = new ConcurrentHashMap<>();

    /** @param goneAfter after which time without Node object and Lease a node is gone for ever */
    public SliverReconciler(Shared shared, Nodes nodes, Writer writer, Duration goneAfter) {
        this.shared = shared;
        this.nodes = nodes;
        this.writer = writer;
        this.goneAfter = goneAfter;
        this.marks = new Marks(nodes.least());
    }

    @Override
    public List<EventSource<?, Sliver>> prepareEventSources(EventSourceContext<Sliver> context) {
        shared.slivers(context.getPrimaryCache());
        return List.of(shared.sliverAgain);
    }

    @Override
    public UpdateControl<Sliver> reconcile(Sliver sliver, Context<Sliver> context) {
        boolean gone = context.isPrimaryResourceDeleted();
        tellImages(sliver, gone);
        if (gone) {
            marks.forget(sliver.getMetadata().getUid());
            return UpdateControl.noUpdate();
        }
        if (!shared.isComplete()) {
            return UpdateControl.<Sliver>noUpdate().rescheduleAfter(NOT_YET);
        }
        ObjectMeta metadata = sliver.getMetadata();
        SliverStatus status = sliver.getStatus();
        List<Condition> conditions = status == null ? List.of() : status.conditions();
        String node = sliver.getSpec().nodeName();
        Instant now = Instant.now();
        boolean looked = status != null && status.observedGeneration() != null && status.observedGeneration() >= 0;
        SliverDecision decision = SliverDecision.of(
                new SliverDecision.Sliver(
                        sliver.isMarkedForDeletion(),
                        metadata.getFinalizers().contains(Finalizers.NODE_DATA),
                        metadata.getAnnotations() != null
                                && "true".equals(metadata.getAnnotations().get(Annotations.ABANDON)),
                        looked,
                        Lost.is(conditions)),
                new SliverDecision.Node(
                        node, lostSince(sliver, conditions, now), nodes.registered(node), nodes.unseenFor(node)),
                now,
                goneAfter);
        Duration again = decision.again();
        switch (decision.act()) {
            case NOTHING -> {}
            case MARK_LOST -> {
                Duration wait = mark(sliver, conditions, now);
                again = wait.isZero() || (again != null && again.compareTo(wait) < 0) ? again : wait.plusMillis(1);
            }
            case GIVE_UP -> {
                writer.takeFinalizerOff(sliver, Finalizers.NODE_DATA);
                writer.tell(sliver, "Abandoned", decision.why());
            }
        }
        UpdateControl<Sliver> control = UpdateControl.noUpdate();
        return again == null ? control : control.rescheduleAfter(again);
    }

    /**
     * Says that its node is lost.
     *
     * @return how long that has to wait yet; zero when it was said
     */
    private Duration mark(Sliver sliver, List<Condition> conditions, Instant now) {
        String uid = sliver.getMetadata().getUid();
        String node = sliver.getSpec().nodeName();
        Heartbeat heartbeat = nodes.heartbeat(node);
        Duration wait = marks.wait(uid, heartbeat);
        if (wait.isZero()) {
            SliverStatus status = sliver.getStatus();
            Long generation = status == null ? null : status.observedGeneration();
            writer.ready(sliver, Lost.condition(conditions, generation == null ? 0 : generation, node, now));
            marks.made(uid, heartbeat);
        }
        return wait;
    }

    /** The image that it names, those that it used before, and how it is deleted make numbers of images. */
    private void tellImages(Sliver sliver, boolean gone) {
        String uid = sliver.getMetadata().getUid();
        List<String> now = gone ? List.of() : Shared.images(sliver);
        List<String> before = gone ? images.remove(uid) : images.put(uid, now);
        if (!now.equals(before) || sliver.isMarkedForDeletion()) {
            List<String> both = new ArrayList<>(now);
            both.addAll(before == null ? List.of() : before);
            shared.lookAgainAtImages(both);
        }
    }

    private @Nullable Instant lostSince(Sliver sliver, List<Condition> conditions, Instant now) {
        String node = sliver.getSpec().nodeName();
        List<NodeStore> stores = shared.storesOf(node);
        if (!stores.isEmpty()) {
            return stores.stream()
                    .map(store -> store.getStatus() == null
                            ? Optional.<Instant>empty()
                            : Lost.since(store.getStatus().conditions()))
                    .flatMap(Optional::stream)
                    .min(Instant::compareTo)
                    .orElse(null);
        }
        // Somebody has removed the NodeStore of a node that is gone, or there never was one.
        if (nodes.registered(node) || !nodes.heartbeat(node).expired(System.nanoTime())) {
            return null;
        }
        String deleted = sliver.getMetadata().getDeletionTimestamp();
        return Lost.since(conditions).orElseGet(() -> deleted == null ? now : Instant.parse(deleted));
    }
}
