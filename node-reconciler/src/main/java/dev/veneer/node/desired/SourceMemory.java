package dev.veneer.node.desired;

import dev.veneer.node.model.ActualImage;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.OrderedMap;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SourceRecord;
import dev.veneer.node.model.Unchanged;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is in force, and remembers the decision: as long as nothing is wrong, missing or held, a change of some
 * objects changes what is in force of those and of no others. The decision is the same as {@link SourceRules} would make.
 * For one thread at a time.
 */
public final class SourceMemory {
    /** Whether a declared path leads to the store is asked of the file system, where nothing tells of a change. */
    private static final long LONGEST = TimeUnit.MINUTES.toNanos(1);

    private final Node node;
    private final Permissions permissions;
    private @Nullable Decided last;
    private int wholes;

    /** For one source, with what it may do and the node that it is read for. */
    public SourceMemory(Node node, Permissions permissions) {
        this.node = node;
        this.permissions = permissions;
    }

    /**
     * What a decision is made from.
     *
     * @param slivers all that are known
     * @param images all that are known
     * @param store the record of the store's own NodeStore, or null
     * @param removals objects of this source whose removal was allowed before
     * @param damaged slivers that cannot be read
     */
    private record Given(
            Reading reading,
            OrderedMap<SliverId, ActualSliver> slivers,
            OrderedMap<String, ActualImage> images,
            @Nullable NodeStoreRecord store,
            Set<ObjectRef> removals,
            Set<ObjectRef> damaged) {
        LastKnown known() {
            return new LastKnown(
                    slivers.values().stream().map(ActualSliver::record).toList(),
                    images.values().stream().map(ActualImage::record).toList(),
                    store,
                    removals,
                    damaged);
        }

        boolean isButForReadingAndSlivers(Given other) {
            return images.equals(other.images)
                    && Objects.equals(store, other.store)
                    && removals.equals(other.removals)
                    && damaged.equals(other.damaged);
        }

        /** Whether a sliver is known and this source declared it last. */
        boolean knows(SliverId id) {
            ActualSliver known = slivers.get(id);
            return known != null
                    && known.record().sourceId().equals(reading.id())
                    && known.record().retainedAt() == null;
        }

        /** Whether something is missing here when nobody declares a sliver. */
        boolean misses(SliverId id) {
            ActualSliver known = slivers.get(id);
            return reading.absence() == Reading.Absence.ORPHAN
                    ? known != null && known.record().retainedAt() == null
                    : knows(id);
        }

        boolean knowsImage(String name) {
            ActualImage known = images.get(name);
            return known != null && known.record().sourceId().equals(reading.id());
        }
    }

    /**
     * A decision.
     *
     * @param nanos when anything was asked of the file system for it, by {@link System#nanoTime}
     */
    private record Decided(Given given, SourceRules.Decision decision, long nanos) {}

    /** What is in force. */
    public DesiredState decide(Reading reading, ActualState known) {
        SourceRecord recorded = known.sources().get(reading.id());
        Given now = new Given(
                reading,
                OrderedMap.copyOf(known.slivers()),
                OrderedMap.copyOf(known.images()),
                known.store(),
                recorded == null ? Set.of() : recorded.removals(),
                known.damaged().stream()
                        .map(ActualState.Damage::object)
                        .filter(object -> object.kind() == ObjectRef.Kind.Sliver)
                        .collect(Collectors.toSet()));
        Decided before = last;
        // What was remembered is brought up to date in its place: if that fails, nothing is remembered.
        last = null;
        Decided next = before == null || System.nanoTime() - before.nanos() >= LONGEST ? null : next(before, now);
        if (next == null) {
            wholes++;
            long nanos = System.nanoTime();
            next = new Decided(now, SourceRules.decision(reading, now.known(), node, permissions), nanos);
        }
        last = next;
        return next.decision().desired();
    }

    /** How often everything had to be decided anew. */
    int wholes() {
        return wholes;
    }

    /** What follows from a decision before and what has changed since; null when everything is to be decided anew. */
    private @Nullable Decided next(Decided before, Given now) {
        Given then = before.given();
        if (!then.isButForReadingAndSlivers(now)) {
            return null;
        }
        if (Unchanged.isSame(then.reading(), now.reading()) && Unchanged.isSame(then.slivers(), now.slivers())) {
            return before;
        }
        ReadingChange change = ReadingChange.of(then.reading(), now.reading());
        if (!before.decision().isCalm() || change == null) {
            return null;
        }
        SourceRules.Decision decision = new Step(before, now, change).take();
        return decision == null ? null : new Decided(now, decision, before.nanos());
    }

    /** From one decision to the next. */
    private final class Step {
        private final SourceRules.Decision before;
        private final Given then;
        private final Given now;
        private final ReadingChange change;
        private final boolean absenceCounts;

        /** Of the decision before, which is not used again; brought up to date here. */
        private final Map<ObjectRef, ReadObject> declared;

        private final Map<SliverId, Optional<DesiredSliver>> slivers = new HashMap<>();
        private final Map<String, Optional<DesiredBaseImage>> images = new HashMap<>();

        Step(Decided last, Given now, ReadingChange change) {
            this.before = last.decision();
            this.then = last.given();
            this.now = now;
            this.change = change;
            this.declared = before.declared();
            this.absenceCounts =
                    before.desired().source().prunes() || now.reading().absence() == Reading.Absence.ORPHAN;
        }

        SourceRules.@Nullable Decision take() {
            for (ReadObject gone : change.gone()) {
                declared.remove(gone.ref());
            }
            for (ReadObject come : change.come()) {
                if (!isPlain(come) || declared.put(come.ref(), come) != null) {
                    return null;
                }
            }
            Set<SliverId> ids = OrderedMap.differences(then.slivers(), now.slivers());
            for (List<ReadObject> objects : List.of(change.gone(), change.come())) {
                for (ReadObject object : objects) {
                    if (object.content() instanceof ReadObject.OfSliver sliver) {
                        ids.add(sliver.sliver().id());
                    } else if (!(object.content() instanceof ReadObject.OfImage) || !image(object.ref())) {
                        return null;
                    }
                }
            }
            for (SliverId id : ids) {
                if (!sliver(id)) {
                    return null;
                }
            }
            return before.with(images, slivers);
        }

        private static boolean isPlain(ReadObject object) {
            return object.problems().isEmpty()
                    && object.fate() == Fate.STAYS
                    && (object.content() instanceof ReadObject.OfSliver
                            || object.content() instanceof ReadObject.OfImage);
        }

        /** Notes what is in force of a BaseImage; false if it is missing. */
        private boolean image(ObjectRef ref) {
            ReadObject object = declared.get(ref);
            Optional<DesiredBaseImage> declaration =
                    object != null && object.content() instanceof ReadObject.OfImage image
                            ? Optional.of(image.image())
                            : Optional.empty();
            images.put(ref.name(), declaration);
            return declaration.isPresent() || !absenceCounts || !now.knowsImage(ref.name());
        }

        /** Notes what is in force of a sliver; false if it is missing, or wrong here. */
        private boolean sliver(SliverId id) {
            boolean isKnown = now.knows(id);
            ReadObject object = declared.get(ObjectRef.of(id));
            slivers.put(id, Optional.empty());
            if (object == null || !(object.content() instanceof ReadObject.OfSliver declaration)) {
                return !now.misses(id) || !absenceCounts;
            }
            if (!declaration.nodeName().equals(node.name())) {
                return !isKnown;
            }
            String asked = declaration.sliver().store();
            if (isKnown
                    || (before.stores().trouble(asked) == null
                            && before.stores().isOurs(asked))) {
                slivers.put(id, Optional.of(declaration.sliver()));
            }
            return isKnown || before.stores().trouble(asked) == null;
        }
    }
}
