package dev.veneer.node.plan;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ActualImage;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Plans imports, and answers for the slivers whether their base is or will be there. */
final class ImagePlanner {
    private final PlanInput input;
    private final Draft draft;
    private final Map<String, Availability> states = new HashMap<>();
    private final Set<String> plannedForms = new HashSet<>();
    private @Nullable Set<String> needed;

    /**
     * Whether a base can be built on.
     *
     * @param digest the content, or null when this plan imports it
     * @param missing why it cannot, or null when it can
     */
    record Availability(@Nullable Digest digest, @Nullable String missing) {}

    ImagePlanner(PlanInput input, Draft draft) {
        this.input = input;
        this.draft = draft;
    }

    /** Plans one declared BaseImage. */
    void plan(DesiredBaseImage image) {
        ObjectRef ref = ObjectRef.image(image.name());
        ActualImage actual = input.actual().images().get(image.name());
        if (image.suspend()) {
            draft.find(ref, Reason.Suspended, Follow.WAIT, "suspended by spec.suspend");
            states.put(image.name(), present(actual, "BaseImage " + image.name() + " is suspended"));
            return;
        }
        String source = input.desired().source().id();
        NodeException foreign = actual == null
                ? null
                : Ownership.refusal(
                        actual.record(), image.identity(), input.desired().source());
        if (foreign != null) {
            draft.find(ref, foreign.reason(), foreign.follow(), String.valueOf(foreign.getMessage()));
            states.put(image.name(), present(actual, "BaseImage " + image.name() + " belongs to another source"));
            return;
        }
        boolean edited = actual != null && !sameContent(actual.inForce(), image);
        boolean remade =
                actual != null && isAnother(actual.record(), image) && (edited || differs(actual.record(), image));
        if (actual != null && remade && !isNamed(image.name())) {
            // Made anew with other content: imported here when a sliver names it that may have it.
            states.put(image.name(), present(actual, "its BaseImage was made anew and is not imported yet"));
            return;
        }
        ImageRecord record = actual == null || remade
                ? new ImageRecord(image.name(), "", 1, source, input.now(), image.canonicalSpec(), null)
                : actual.record();
        if (actual != null && edited && !remade) {
            draft.find(
                    ref,
                    Reason.Immutable,
                    Follow.STALLED,
                    image.origin()
                            + ": spec.source cannot be changed ("
                            + actual.inForce().source().describe()
                            + " to "
                            + image.source().describe()
                            + "); declare new content as a new BaseImage. The old one stays in force");
            states.put(image.name(), present(actual, "its BaseImage's source was edited"));
            return;
        }
        ImageRecord wanted = withSpec(record, image, source);
        if (actual == null && image.identity() != null && !isNeeded(image.name())) {
            // Of a cluster: only slivers that may not have it name it.
            states.put(image.name(), new Availability(null, "BaseImage " + image.name() + " is not needed here"));
            return;
        }
        if (differs(record, image)) {
            planOther(image, record, wanted);
            return;
        }
        BaseRecord base =
                record.digest() == null ? null : input.actual().bases().get(record.digest());
        if (base != null || (record.digest() != null && !isNeeded(image.name()))) {
            if (actual == null || !wanted.equals(record)) {
                draft.addAll(ref, image.canonicalSpec(), List.of(new Action.RecordImage(wanted, "its spec changed")));
            }
            states.put(image.name(), present(actual, "its tree is not in the store"));
            return;
        }
        planImport(image, record.digest() != null ? record.digest() : image.agreed(), wanted);
    }

    /** Whether what was imported here is not what the BaseImage is for its cluster. */
    private static boolean differs(ImageRecord record, DesiredBaseImage image) {
        return image.agreed() != null
                && record.digest() != null
                && !image.agreed().equals(record.digest());
    }

    private void planOther(DesiredBaseImage image, ImageRecord record, ImageRecord wanted) {
        ObjectRef ref = ObjectRef.image(image.name());
        String why = "BaseImage " + image.name() + " is " + record.digest() + " here, and " + image.agreed()
                + " for its cluster, where another node was first: nothing is made from it here";
        draft.find(
                ref,
                Reason.DigestMismatch,
                Follow.STALLED,
                why + "; slivers that stand on it stay. Declare the content that is meant as a new BaseImage");
        if (!wanted.equals(record)) {
            draft.addAll(ref, image.canonicalSpec(), List.of(new Action.RecordImage(wanted, "its spec changed")));
        }
        states.put(image.name(), new Availability(record.digest(), why));
    }

    /** Whether a sliver of this node names it that may have it, whatever it stands on now. */
    private boolean isNamed(String name) {
        return input.desired().slivers().values().stream()
                .anyMatch(sliver ->
                        sliver.baseImage().equals(name) && closed(sliver) == null && !TenantRules.holds(sliver));
    }

    /** Whether a sliver is to be made from it now. */
    private boolean isNeeded(String name) {
        Set<String> known = needed;
        if (known == null) {
            known = needed();
            needed = known;
        }
        return known.contains(name);
    }

    /** Names of BaseImages that slivers are to be made from or moved to. */
    private Set<String> needed() {
        Set<String> needed = new HashSet<>();
        for (DesiredSliver sliver : input.desired().slivers().values()) {
            ActualSliver there = input.actual().slivers().get(sliver.id());
            boolean moves = there == null
                    || (!there.record().baseName().equals(sliver.baseImage())
                            && !there.record().isHeldAgainst(sliver));
            if (moves && !sliver.suspend() && closed(sliver) == null && !TenantRules.holds(sliver)) {
                needed.add(sliver.baseImage());
            }
        }
        return needed;
    }

    private void planImport(DesiredBaseImage image, @Nullable Digest expected, ImageRecord wanted) {
        ObjectRef ref = ObjectRef.image(image.name());
        String barred = input.desired().source().barred();
        if (barred != null) {
            draft.find(ref, Reason.DataMissing, Follow.STALLED, barred);
            states.put(image.name(), new Availability(null, barred));
            return;
        }
        if (LowSpace.holds(input)) {
            draft.find(ref, Reason.LowSpace, Follow.WAIT, LowSpace.text(input));
            states.put(image.name(), new Availability(null, LowSpace.text(input)));
            return;
        }
        Finding waits = SliverAsSource.waits(input, image);
        if (waits != null) {
            draft.find(ref, waits.reason(), waits.follow(), waits.message());
            states.put(image.name(), new Availability(null, "its base image: " + waits.message()));
            return;
        }
        PastFailure failure = draft.waitingFor(ref, image.canonicalSpec(), input.now());
        String reason =
                (wanted.digest() == null ? "declared and not imported yet" : "needed again, its tree was collected")
                        + ": "
                        + image.source().describe();
        draft.addAll(ref, image.canonicalSpec(), List.of(new Action.ImportImage(image, expected, wanted, reason)));
        states.put(
                image.name(),
                new Availability(expected, failure == null ? null : "its base image: " + failure.message()));
    }

    /** Whether a sliver can be made from the BaseImage of this name. */
    Availability availability(String name) {
        Availability state = states.get(name);
        if (state != null) {
            return state;
        }
        ActualImage actual = input.actual().images().get(name);
        return present(actual, "BaseImage " + name + " is not declared");
    }

    /** Why a sliver's namespace may not use the BaseImage that the sliver names, or null when it may. */
    @Nullable
    String closed(DesiredSliver sliver) {
        DesiredBaseImage image = input.desired().baseImages().get(sliver.baseImage());
        ActualImage actual = input.actual().images().get(sliver.baseImage());
        return TenantRules.closed(sliver, image == null && actual != null ? actual.inForce() : image);
    }

    /** Plans a form of the base once, however many slivers want it. */
    void needForm(String name, @Nullable Digest digest, BaseForm form, List<Action> into) {
        BaseRecord base = digest == null ? null : input.actual().bases().get(digest);
        if (base != null && base.forms().contains(form)) {
            return;
        }
        if (form == BaseForm.DIR || !plannedForms.add(name + ' ' + form)) {
            return;
        }
        into.add(new Action.MakeForm(name, digest, form, "a sliver's driver wants it"));
    }

    /** Plans what is known to the store but no longer declared. */
    void planAbsent(ActualImage actual, Set<Digest> used, List<SliverId> users) {
        ImageRecord record = actual.record();
        ObjectRef ref = ObjectRef.image(record.name());
        boolean gone = input.desired().goneImages().contains(record.name());
        if (!gone
                && (!record.sourceId().equals(input.desired().source().id())
                        || !input.desired().source().prunes())) {
            return;
        }
        String hold = gone ? null : input.desired().source().hold();
        if (hold != null && !input.desired().source().removals().contains(ref)) {
            draft.find(ref, Reason.SourceHeld, Follow.WAIT, hold);
            return;
        }
        // One that is gone for good can never be let go on.
        if (!gone && actual.inForce().suspend()) {
            draft.find(ref, Reason.Suspended, Follow.WAIT, "suspended by spec.suspend; not removed");
            return;
        }
        if (record.digest() != null && used.contains(record.digest())) {
            draft.find(
                    ref,
                    Reason.InUse,
                    Follow.WAIT,
                    "no longer declared, but used by " + users.size()
                            + (users.size() == 1 ? " sliver, " : " slivers, first ") + users.get(0));
            return;
        }
        List<Action> actions = new ArrayList<>();
        actions.add(new Action.ForgetImage(record.name(), "no longer declared"));
        draft.addAll(ref, actual.inForce().canonicalSpec(), actions);
    }

    private Availability present(@Nullable ActualImage actual, String missing) {
        if (actual == null || actual.record().digest() == null) {
            return new Availability(null, missing);
        }
        boolean there = input.actual().bases().containsKey(actual.record().digest());
        return new Availability(actual.record().digest(), there ? null : missing);
    }

    /** Whether it is another object than the one of its name that the store knows. */
    private static boolean isAnother(ImageRecord record, DesiredBaseImage image) {
        return image.identity() != null && !image.identity().uid().equals(record.uid());
    }

    private static ImageRecord withSpec(ImageRecord record, DesiredBaseImage image, String source) {
        DeclaredIdentity identity = image.identity();
        boolean same = record.canonicalSpec().equals(image.canonicalSpec());
        return new ImageRecord(
                record.name(),
                identity == null ? record.uid() : identity.uid(),
                identity != null ? identity.generation() : same ? record.generation() : record.generation() + 1,
                source,
                record.createdAt(),
                image.canonicalSpec(),
                record.digest());
    }

    private static boolean sameContent(DesiredBaseImage before, DesiredBaseImage after) {
        if (before.source() instanceof dev.veneer.node.model.ImageSource.Archive old
                && after.source() instanceof dev.veneer.node.model.ImageSource.Archive now) {
            return old.archive().url().equals(now.archive().url())
                    && java.util.Objects.equals(
                            old.archive().digest(), now.archive().digest());
        }
        return before.source().equals(after.source());
    }

    /** A declared BaseImage of a similar name, for messages; empty when there is none. */
    String nearest(String name) {
        for (String known : input.desired().baseImages().keySet()) {
            if (known.contains(name) || name.contains(known)) {
                return "; " + known + " is";
            }
        }
        return "";
    }
}
