package dev.veneer.controller.decide;

import dev.veneer.api.Conditions;
import dev.veneer.api.Reason;
import dev.veneer.api.v1alpha1.BaseImageNodes;
import dev.veneer.api.v1alpha1.BaseImageStatus;
import dev.veneer.api.v1alpha1.BlockedBy;
import dev.veneer.api.v1alpha1.Condition;
import dev.veneer.api.v1alpha1.StoredBaseImage.State;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a base image.
 *
 * @param status its status
 * @param finalizer what is done about the finalizer that protects it
 */
public record ImageDecision(BaseImageStatus status, Finalizer finalizer) {
    /** How many nodes a message names. */
    private static final int NAMED = 5;

    /** What is done about a finalizer. */
    public enum Finalizer {
        /** It is put there. */
        PUT,
        /** It is taken off, so that the object goes. */
        TAKE_OFF,
        /** It stays as it is. */
        KEEP
    }

    /**
     * What is known of the object.
     *
     * @param generation its metadata.generation
     * @param deleted whether it has a deletionTimestamp
     * @param isProtected whether it has the finalizer
     * @param suspended whether spec.suspend says that nothing is done
     * @param status its status before
     */
    public record Image(
            long generation,
            boolean deleted,
            boolean isProtected,
            boolean suspended,
            @Nullable BaseImageStatus status) {}

    /** Decides. */
    public static ImageDecision of(Image image, ImageUse use, Instant now) {
        BaseImageStatus before = image.status();
        String digest = before == null ? null : before.digest();
        if (digest == null) {
            digest = use.reports().stream()
                    .filter(report -> report.state() == State.Ready && report.digest() != null)
                    .map(ImageUse.Report::digest)
                    .findFirst()
                    .orElse(null);
        }
        Tally tally = Tally.of(use, digest);
        Long bytes = before == null ? null : before.bytes();
        if (bytes == null) {
            bytes = tally.bytes();
        }
        ConditionList conditions =
                new ConditionList(before == null ? List.of() : before.conditions(), image.generation(), now);
        say(conditions, image, use, tally, digest);
        BaseImageStatus status = new BaseImageStatus(
                image.generation(),
                digest,
                bytes,
                before == null ? null : before.files(),
                use.slivers() == 0 ? null : new BlockedBy(use.slivers(), List.of()),
                tally.counts(),
                conditions.made());
        return new ImageDecision(status, finalizer(image, use));
    }

    private static Finalizer finalizer(Image image, ImageUse use) {
        if (image.suspended()) {
            return Finalizer.KEEP;
        }
        if (!image.deleted()) {
            return image.isProtected() ? Finalizer.KEEP : Finalizer.PUT;
        }
        return image.isProtected() && use.slivers() == 0 ? Finalizer.TAKE_OFF : Finalizer.KEEP;
    }

    private static void say(ConditionList conditions, Image image, ImageUse use, Tally tally, @Nullable String digest) {
        BaseImageNodes counts = tally.counts();
        String ready = "imported on " + counts.ready() + " of " + nodes(counts.desired()) + " that need it"
                + (tally.silent() == 0 ? "" : "; " + tally.silent() + " of the others cannot be reached");
        if (image.suspended()) {
            conditions.set(Conditions.READY, Condition.Status.False, Reason.Suspended, "spec.suspend is true");
            return;
        }
        if (!tally.differing().isEmpty()) {
            String message = "its content is not the same everywhere: its digest is " + digest + ", but "
                    + named(tally.differing())
                    + " computed another; these nodes do not use it. Make the source serve one"
                    + " content, or declare what it has now as a new BaseImage";
            conditions.set(Conditions.READY, Condition.Status.False, Reason.DigestMismatch, message);
            conditions.set(Conditions.STALLED, Condition.Status.True, Reason.DigestMismatch, message);
            return;
        }
        if (image.deleted() && use.slivers() > 0) {
            String message = "deleted, and kept until no sliver uses it: " + use.slivers() + " do";
            conditions.set(Conditions.READY, Condition.Status.False, Reason.InUse, message);
            conditions.set(Conditions.RECONCILING, Condition.Status.True, Reason.InUse, message);
            return;
        }
        if (counts.failed() > 0) {
            String message = ready + "; it fails on " + named(tally.failing()) + ", whose NodeStores say why";
            conditions.set(Conditions.READY, Condition.Status.False, Reason.Failed, message);
            conditions.set(Conditions.RECONCILING, Condition.Status.True, Reason.Failed, message);
            return;
        }
        if (counts.importing() > tally.silent()) {
            conditions.set(Conditions.READY, Condition.Status.False, Reason.Progressing, ready);
            conditions.set(Conditions.RECONCILING, Condition.Status.True, Reason.Progressing, ready);
            return;
        }
        conditions.set(
                Conditions.READY,
                Condition.Status.True,
                Reason.Succeeded,
                counts.desired() == 0 ? "no sliver needs it; it is imported when one does" : ready);
    }

    private static String nodes(int count) {
        return count == 1 ? "1 node" : count + " nodes";
    }

    private static String named(List<String> nodes) {
        String first = nodes.stream().limit(NAMED).collect(Collectors.joining(", "));
        return nodes.size() <= NAMED ? first : first + " and " + (nodes.size() - NAMED) + " more";
    }

    /**
     * Whether the status says something new besides numbers, which may wait.
     *
     * @param before what the object has now, or null
     */
    public boolean saysNews(@Nullable BaseImageStatus before) {
        return before == null || !Objects.equals(withoutNumbers(before), withoutNumbers(status));
    }

    private static BaseImageStatus withoutNumbers(BaseImageStatus status) {
        List<Condition> conditions = status.conditions().stream()
                .map(condition -> new Condition(
                        condition.type(),
                        condition.status(),
                        condition.observedGeneration(),
                        "",
                        condition.reason(),
                        ""))
                .toList();
        return new BaseImageStatus(status.observedGeneration(), status.digest(), null, null, null, null, conditions);
    }
}
