package dev.veneer.controller.reconcile;

import dev.veneer.api.Finalizers;
import dev.veneer.api.v1alpha1.BaseImage;
import dev.veneer.api.v1alpha1.BaseImageStatus;
import dev.veneer.api.v1alpha1.NodeStore;
import dev.veneer.api.v1alpha1.Sliver;
import dev.veneer.api.v1alpha1.StoredBaseImage;
import dev.veneer.controller.decide.ImageDecision;
import dev.veneer.controller.decide.ImageUse;
import dev.veneer.controller.decide.Lost;
import dev.veneer.controller.decide.Pace;
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
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Adds up what nodes report of a base image, and keeps it while slivers use it. */
public final class BaseImageReconciler implements Reconciler<BaseImage> {
    private static final Duration NOT_YET = Duration.ofSeconds(1);

    private final Shared shared;
    private final Writer writer;
    private final Duration apart;
    private final Map<String, Long> lastWrite = new ConcurrentHashMap<>();

    /** @param apart how far apart two writes of an object are that only count */
    public BaseImageReconciler(Shared shared, Writer writer, Duration apart) {
        this.shared = shared;
        this.writer = writer;
        this.apart = apart;
    }

    @Override
    public List<EventSource<?, BaseImage>> prepareEventSources(EventSourceContext<BaseImage> context) {
        return List.of(shared.imageAgain);
    }

    @Override
    public UpdateControl<BaseImage> reconcile(BaseImage image, Context<BaseImage> context) {
        String uid = image.getMetadata().getUid();
        if (context.isPrimaryResourceDeleted()) {
            lastWrite.remove(uid);
            return UpdateControl.noUpdate();
        }
        if (!shared.isComplete()) {
            return UpdateControl.<BaseImage>noUpdate().rescheduleAfter(NOT_YET);
        }
        BaseImageStatus before = image.getStatus();
        ImageDecision decision = ImageDecision.of(
                new ImageDecision.Image(
                        image.getMetadata().getGeneration(),
                        image.isMarkedForDeletion(),
                        image.getMetadata().getFinalizers().contains(Finalizers.IN_USE),
                        image.getSpec().suspend(),
                        before),
                use(image.getMetadata().getName(), uid),
                Instant.now());
        switch (decision.finalizer()) {
            case PUT -> {
                // Which makes another version of it: the watch tells, and its status is written to that.
                writer.putFinalizer(image, Finalizers.IN_USE);
                return UpdateControl.noUpdate();
            }
            case TAKE_OFF -> {
                writer.takeFinalizerOff(image, Finalizers.IN_USE);
                return UpdateControl.noUpdate();
            }
            case KEEP -> {}
        }
        if (decision.status().equals(before)) {
            return UpdateControl.noUpdate();
        }
        long now = System.nanoTime();
        Long last = lastWrite.get(uid);
        Duration wait = last == null ? Duration.ZERO : Pace.wait(decision.saysNews(before), last, now, apart);
        if (!wait.isZero()) {
            return UpdateControl.<BaseImage>noUpdate().rescheduleAfter(wait.plusMillis(1));
        }
        writer.status(image, decision.status());
        lastWrite.put(uid, now);
        return UpdateControl.noUpdate();
    }

    private ImageUse use(String image, String uid) {
        List<Sliver> slivers = shared.sliversOf(image);
        Set<String> nodes = slivers.stream()
                .filter(sliver -> sliver.getSpec().baseImage().equals(image) && !sliver.isMarkedForDeletion())
                .map(sliver -> sliver.getSpec().nodeName())
                .collect(Collectors.toSet());
        Map<String, ImageUse.Report> reports = new TreeMap<>();
        for (NodeStore store : shared.storesWith(image)) {
            for (StoredBaseImage row : store.getStatus().baseImages()) {
                if (ImageUse.isOf(row, image, uid)) {
                    String node = store.getSpec().nodeName();
                    reports.merge(
                            node,
                            new ImageUse.Report(node, row.state(), row.digest(), row.bytes()),
                            (one, other) -> one.state() == StoredBaseImage.State.Ready ? one : other);
                }
            }
        }
        Set<String> silent = Stream.concat(nodes.stream(), reports.keySet().stream())
                .filter(this::isSilent)
                .collect(Collectors.toSet());
        return new ImageUse(slivers.size(), nodes, silent, new ArrayList<>(reports.values()));
    }

    /** Whether a node has stores, and its agent reports on none of them. */
    private boolean isSilent(String node) {
        List<NodeStore> stores = shared.storesOf(node);
        return !stores.isEmpty()
                && stores.stream()
                        .allMatch(store -> store.getStatus() != null
                                && Lost.is(store.getStatus().conditions()));
    }
}
