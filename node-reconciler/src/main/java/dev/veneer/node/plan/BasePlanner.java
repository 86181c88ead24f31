package dev.veneer.node.plan;

import dev.veneer.node.model.ActualImage;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.KeptRevision;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Collects base images: notes since when nothing uses one, and removes it when its time has come. Works on what is
 * there before the plan, so a base is never removed in the plan that removes its last user.
 */
public final class BasePlanner {
    private BasePlanner() {}

    /** Who keeps each base that something keeps, by digest; what {@code gc} tells. */
    public static Map<Digest, List<String>> keepers(PlanInput input) {
        Map<Digest, List<String>> keepers = new TreeMap<>();
        for (ActualSliver sliver : input.actual().slivers().values()) {
            SliverId id = sliver.record().id();
            if (!sliver.record().dataDeleted()) {
                add(keepers, sliver.record().baseDigest(), "sliver " + id);
            }
            for (KeptRevision kept : sliver.record().kept()) {
                add(keepers, kept.baseDigest(), "revision " + kept.revision() + " of sliver " + id + ", " + kept.why());
            }
        }
        for (ActualImage image : input.actual().images().values()) {
            Digest digest = image.record().digest();
            String keeping = keeping(input, image);
            if (digest != null && keeping != null) {
                add(keepers, digest, keeping);
            }
        }
        return keepers;
    }

    static void plan(PlanInput input, Draft draft) {
        Set<Digest> unused = unused(input);
        for (BaseRecord base : input.actual().bases().values()) {
            boolean isKept = !unused.contains(base.digest()) || isAboutToBeUsed(input, base.digest());
            Duration keep = keepFor(input, base);
            Instant since = base.unreferencedSince();
            if (isKept) {
                if (since != null) {
                    mark(draft, new Action.MarkBase(base.digest(), null, keep, "used again"));
                }
            } else if (since == null) {
                mark(draft, new Action.MarkBase(base.digest(), input.now(), keep, "nothing uses it any more"));
            } else if (!since.plus(keep).isAfter(input.now())) {
                if (draft.imports()) {
                    continue;
                }
                ObjectRef ref = ObjectRef.base(base.digest());
                String reason = "unreferenced since " + since + ", kept for " + keep;
                draft.addAll(ref, "", List.of(new Action.RemoveBase(base.digest(), reason)));
            } else if (!keep.equals(base.keepUnreferenced())) {
                mark(draft, new Action.MarkBase(base.digest(), since, keep, "keepUnreferenced changed"));
            }
        }
    }

    /** The bases that have no {@link #keepers}. Mostly a few slivers use all there are, and the others need no look. */
    private static Set<Digest> unused(PlanInput input) {
        Set<Digest> unused = new HashSet<>(input.actual().bases().keySet());
        for (ActualImage image : input.actual().images().values()) {
            Digest digest = image.record().digest();
            if (digest != null && keeping(input, image) != null) {
                unused.remove(digest);
            }
        }
        for (ActualSliver sliver : input.actual().slivers().values()) {
            if (unused.isEmpty()) {
                break;
            }
            if (!sliver.record().dataDeleted()) {
                unused.remove(sliver.record().baseDigest());
            }
            for (KeptRevision kept : sliver.record().kept()) {
                unused.remove(kept.baseDigest());
            }
        }
        return unused;
    }

    /** In what way a BaseImage keeps its base by itself, or null. */
    private static @Nullable String keeping(PlanInput input, ActualImage image) {
        String name = image.record().name();
        DesiredBaseImage declared = input.desired().baseImages().getOrDefault(name, image.inForce());
        return declared.pinned()
                ? "pinned by baseimage " + name
                : declared.suspend() ? "suspended baseimage " + name : null;
    }

    private static void mark(Draft draft, Action.MarkBase action) {
        draft.addAll(action.object(), "", List.of(action));
    }

    /** The longest time that one of its BaseImages asks for, or what was last asked for when none is left. */
    private static Duration keepFor(PlanInput input, BaseRecord base) {
        Duration longest = null;
        for (ActualImage image : input.actual().images().values()) {
            if (!base.digest().equals(image.record().digest())) {
                continue;
            }
            DesiredBaseImage declared =
                    input.desired().baseImages().getOrDefault(image.record().name(), image.inForce());
            if (longest == null || declared.keepUnreferenced().compareTo(longest) > 0) {
                longest = declared.keepUnreferenced();
            }
        }
        return longest == null ? base.keepUnreferenced() : longest;
    }

    private static boolean isAboutToBeUsed(PlanInput input, Digest digest) {
        for (var sliver : input.desired().slivers().values()) {
            ActualSliver there = input.actual().slivers().get(sliver.id());
            if (there != null
                    && (there.record().baseName().equals(sliver.baseImage())
                            || there.record().isHeldAgainst(sliver))) {
                continue;
            }
            if (isOf(input, sliver.baseImage(), digest)) {
                return true;
            }
        }
        // Also those that somebody else declares, or that wait for their window, as their records have it.
        for (ActualSliver there : input.actual().slivers().values()) {
            String wanted = there.inForce().baseImage();
            boolean moves = !there.record().dataDeleted()
                    && !wanted.equals(there.record().baseName())
                    && !there.record().isHeldAgainst(there.inForce());
            if (moves && isOf(input, wanted, digest)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOf(PlanInput input, String name, Digest digest) {
        ActualImage image = input.actual().images().get(name);
        return image != null && digest.equals(image.record().digest());
    }

    private static void add(Map<Digest, List<String>> keepers, Digest digest, String who) {
        keepers.computeIfAbsent(digest, unused -> new ArrayList<>()).add(who);
    }
}
