package dev.veneer.node.desired;

import dev.veneer.api.Annotations;
import dev.veneer.node.model.Claim;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.DeclaredSpecs;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.DesiredStore;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.OrderedMap;
import dev.veneer.node.model.Problem;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.SourceState;
import dev.veneer.node.model.Unchanged;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What follows from a reading: which version of each object is in force, and whether absence may delete. A pure function
 * of the reading, of what the store knows and of what a person allowed.
 *
 * <ol>
 *   <li>A wrong object keeps its last good version, which is the one in its record; the others go on.
 *   <li>Two objects of one name are both wrong, since nobody can tell which is meant.
 *   <li>Only what this source declared last is ever missing from it.
 *   <li>While one of its documents cannot be laid to a name, while a part of it cannot be read, while it is empty, and when it
 *       would lose more than half and at least three of its objects, a source holds: what is missing stays in force.
 *       The last two are answered by {@link Permissions#allowShrink} or the annotation on the NodeStore; the answer stays
 *       given for the objects that were missing, until they are gone or declared again.
 *   <li>Where absence means nothing because deletions are said of the objects themselves, a source that cannot be read holds
 *       too, and what it declared before stays in force; a deletion counts as soon as it was said, unless the object is
 *       suspended. An object that is being deleted keeps up what lies here as its own, and declares nothing anew: all that is
 *       another's, or kept after a deletion, is for it as if it were not there.
 *   <li>Objects of other nodes, and of other stores of this node, are none of this store's business.
 * </ol>
 */
public final class SourceRules {
    private static final int FEW = 3;
    private static final String LAST_KNOWN = "last known version";

    private final Reading reading;
    private final LastKnown known;
    private final Node node;
    private final Permissions permissions;

    private final Map<ObjectRef, ReadObject> declared = new LinkedHashMap<>();
    private final Set<ObjectRef> broken = new TreeSet<>();
    private final Set<ObjectRef> removals = new TreeSet<>();
    private final List<Problem> problems = new ArrayList<>();
    private final Map<SliverId, DesiredSliver> slivers = new LinkedHashMap<>();
    private final Map<String, DesiredBaseImage> images = new LinkedHashMap<>();
    private final Map<SliverId, DesiredSliver> deletions = new LinkedHashMap<>();

    /** All that lies here, whoever declared it. */
    private final Map<ObjectRef, SliverRecord> records = new LinkedHashMap<>();

    /** Whether an object is being deleted. */
    private boolean leaving;

    /** Whether something is missing that its absence may delete. */
    private boolean missing;

    private SourceRules(Reading reading, LastKnown known, Node node, Permissions permissions) {
        this.reading = reading;
        this.known = known;
        this.node = node;
        this.permissions = permissions;
        known.slivers().forEach(record -> records.put(ObjectRef.of(record.id()), record));
    }

    /**
     * What was decided, with what it was decided by.
     *
     * @param declared the objects by their names
     * @param stores the stores
     * @param isCalm whether nothing is wrong, held or missing, so that each object is in force as it is declared
     */
    record Decision(DesiredState desired, Map<ObjectRef, ReadObject> declared, Stores stores, boolean isCalm) {
        /** The same with other versions of some objects in force, or none any more. */
        Decision with(Map<String, Optional<DesiredBaseImage>> images, Map<SliverId, Optional<DesiredSliver>> slivers) {
            DesiredState changed = new DesiredState(
                    OrderedMap.copyOf(desired.baseImages()).with(images),
                    OrderedMap.copyOf(desired.slivers()).with(slivers),
                    desired.store(),
                    desired.source(),
                    desired.deletions(),
                    desired.orphans(),
                    desired.goneImages());
            boolean same = Unchanged.isSame(changed.baseImages(), desired.baseImages())
                    && Unchanged.isSame(changed.slivers(), desired.slivers());
            return new Decision(same ? desired : changed, declared, stores, isCalm);
        }
    }

    /** Decides. */
    public static DesiredState decide(Reading reading, LastKnown known, Node node, Permissions permissions) {
        return decision(reading, known, node, permissions).desired();
    }

    static Decision decision(Reading reading, LastKnown known, Node node, Permissions permissions) {
        return new SourceRules(reading, known, node, permissions).decide();
    }

    private Decision decide() {
        problems.addAll(reading.problems());
        byName();
        Stores stores = new Stores(declared.values(), broken, known.store(), node);
        problems.addAll(stores.problems());
        DesiredStore store = stores.ours();
        Map<ObjectRef, SliverRecord> knownSlivers = knownSlivers();
        Map<ObjectRef, ImageRecord> knownImages = knownImages();
        for (ReadObject object : declared.values()) {
            SliverRecord record = records.get(object.ref());
            if (object.fate() == Fate.GOES && record != null && isDeleted(object, record)) {
                broken.remove(object.ref());
            } else if (object.content() instanceof ReadObject.OfSliver sliver) {
                sliver(object, sliver, knownSlivers.containsKey(object.ref()), stores);
            } else if (object.content() instanceof ReadObject.OfImage image) {
                images.put(image.image().name(), image.image());
            }
        }
        boolean prunes = reading.whole() || permissions.prune();
        for (ObjectRef removal : known.removals()) {
            if (!declared.containsKey(removal)
                    && (knownSlivers.containsKey(removal) || knownImages.containsKey(removal))) {
                removals.add(removal);
            }
        }
        String hold = prunes ? hold(knownSlivers.keySet(), knownImages.keySet(), stores.allowShrink()) : unread();
        knownSlivers.forEach((ref, record) -> {
            if (broken.contains(ref) || isHeld(hold, ref)) {
                slivers.put(record.id(), lastGood(ref, record));
            }
        });
        knownImages.forEach((ref, record) -> {
            if (broken.contains(ref) || isHeld(hold, ref)) {
                images.put(
                        record.name(),
                        DeclaredSpecs.image(record.name(), record.canonicalSpec(), origin(ref, LAST_KNOWN))
                                .as(identity(ref)));
            }
        });
        Set<SliverId> orphans = new TreeSet<>();
        Set<String> goneImages = new TreeSet<>();
        if (reading.absence() == Reading.Absence.ORPHAN && hold == null) {
            records.forEach((ref, record) -> {
                if (record.retainedAt() == null && !declared.containsKey(ref)) {
                    orphans.add(record.id());
                }
            });
            // An image holds nothing that its source does not have, so that its absence says enough.
            knownImages.forEach((ref, record) -> {
                if (!declared.containsKey(ref)) {
                    goneImages.add(record.name());
                }
            });
        }
        Set<String> brokenNames = new TreeSet<>();
        broken.forEach(ref -> brokenNames.add(ref.kind().name() + " " + ref.name()));
        DesiredState desired = new DesiredState(
                images,
                slivers,
                store,
                new SourceState(
                        reading.id(),
                        prunes,
                        hold,
                        permissions.takeOver(),
                        brokenNames,
                        removals,
                        problems,
                        reading.barred()),
                deletions,
                orphans,
                goneImages);
        boolean calm = !leaving
                && orphans.isEmpty()
                && goneImages.isEmpty()
                && problems.isEmpty()
                && broken.isEmpty()
                && removals.isEmpty()
                && !missing;
        return new Decision(desired, declared, stores, calm);
    }

    /** Notes a sliver as deleted, if nothing speaks against it. */
    private boolean isDeleted(ReadObject object, SliverRecord record) {
        DesiredSliver last =
                object.content() instanceof ReadObject.OfSliver good ? good.sliver() : lastGood(object.ref(), record);
        if (last.suspend()) {
            return false;
        }
        deletions.put(last.id(), last);
        return true;
    }

    private DesiredSliver lastGood(ObjectRef ref, SliverRecord record) {
        return DeclaredSpecs.sliver(record.id(), record.canonicalSpec(), origin(ref, LAST_KNOWN))
                .as(identity(ref));
    }

    private @Nullable DeclaredIdentity identity(ObjectRef ref) {
        ReadObject object = declared.get(ref);
        return object == null ? null : object.identity();
    }

    /** Why a source whose deletions are said cannot be read, or null. */
    private @Nullable String unread() {
        if (reading.absence() == Reading.Absence.ORPHAN) {
            for (Problem problem : reading.problems()) {
                if (!problem.warning()) {
                    return problem.message();
                }
            }
        }
        return null;
    }

    private boolean isHeld(@Nullable String hold, ObjectRef missing) {
        return hold != null && !declared.containsKey(missing) && (isUnclear() || !removals.contains(missing));
    }

    /** Whether something cannot be read or laid to a name: then nobody can tell what is missing. */
    private boolean isUnclear() {
        return reading.problems().stream().anyMatch(problem -> !problem.warning());
    }

    /** Lays each object to its name; what is wrong or there twice is broken. */
    private void byName() {
        for (ReadObject object : reading.objects()) {
            if (!counts(object)) {
                continue;
            }
            problems.addAll(object.problems());
            ReadObject first = declared.putIfAbsent(object.ref(), object);
            if (first != null) {
                broken.add(object.ref());
                problems.add(wrong(
                        object,
                        "metadata.name",
                        "is declared twice, first in " + first.where() + "; remove one of the two"));
            } else if (object.content() == null) {
                broken.add(object.ref());
            }
        }
        for (ObjectRef ref : broken) {
            ReadObject object = declared.get(ref);
            if (object != null) {
                declared.put(
                        ref, new ReadObject(ref, object.where(), null, List.of(), object.identity(), object.fate()));
            }
        }
    }

    private boolean counts(ReadObject object) {
        if (object.fate() == Fate.STAYS || object.ref().kind() != ObjectRef.Kind.Sliver) {
            return true;
        }
        leaving = true;
        SliverRecord record = records.get(object.ref());
        return record == null
                ? known.damaged().contains(object.ref())
                : Claim.isOrder(record, object.identity(), reading.id());
    }

    private void sliver(ReadObject object, ReadObject.OfSliver sliver, boolean isKnown, Stores stores) {
        if (!sliver.nodeName().equals(node.name())) {
            if (isKnown) {
                broken.add(object.ref());
                problems.add(wrong(
                        object,
                        "spec.nodeName",
                        "cannot be changed once the object exists: it is on this node, " + node.name()
                                + "; to have it elsewhere declare a new one, to remove it remove its declaration"));
            }
            return;
        }
        String trouble = isKnown ? null : stores.trouble(sliver.sliver().store());
        if (trouble != null) {
            broken.add(object.ref());
            problems.add(wrong(object, "spec.store", trouble));
        } else if (isKnown || stores.isOurs(sliver.sliver().store())) {
            slivers.put(sliver.sliver().id(), sliver.sliver());
        }
    }

    /** Why nothing may be deleted, or null. */
    private @Nullable String hold(Set<ObjectRef> knownSlivers, Set<ObjectRef> knownImages, boolean annotated) {
        Set<ObjectRef> lost = new TreeSet<>();
        for (Set<ObjectRef> kinds : List.of(knownSlivers, knownImages)) {
            for (ObjectRef ref : kinds) {
                if (!declared.containsKey(ref)) {
                    lost.add(ref);
                }
            }
        }
        if (lost.isEmpty()) {
            return null;
        }
        missing = true;
        for (Problem problem : reading.problems()) {
            if (!problem.warning()) {
                String field = problem.field().isEmpty() ? "" : problem.field() + ": ";
                return problem.where() + " cannot be read or laid to an object (" + field + problem.message()
                        + "): nothing is deleted until that is put right; " + list(lost);
            }
        }
        if (permissions.allowShrink() || annotated) {
            removals.addAll(lost);
        }
        lost.removeAll(removals);
        // Every removal that was allowed is one of those that the store knows.
        int all = knownSlivers.size() + knownImages.size() - removals.size();
        if (lost.isEmpty()) {
            return null;
        }
        String answer = "; if that is meant, say --allow-shrink, or annotate the NodeStore with "
                + Annotations.ALLOW_SHRINK + ": \"true\"";
        if (declared.isEmpty()) {
            return "the source is empty: nothing is deleted; " + list(lost) + answer;
        }
        if (lost.size() >= FEW && 2 * lost.size() > all) {
            return "the source lost " + lost.size() + " of " + all + " objects at once: nothing is deleted; "
                    + list(lost) + answer;
        }
        return null;
    }

    private static String list(Set<ObjectRef> lost) {
        List<String> first = lost.stream().limit(FEW).map(ObjectRef::toString).toList();
        int more = lost.size() - first.size();
        return "not declared any more: " + String.join(", ", first) + (more > 0 ? " and " + more + " more" : "");
    }

    private Map<ObjectRef, SliverRecord> knownSlivers() {
        Map<ObjectRef, SliverRecord> ours = new LinkedHashMap<>();
        for (SliverRecord record : known.slivers()) {
            if (record.sourceId().equals(reading.id()) && record.retainedAt() == null) {
                ours.put(ObjectRef.of(record.id()), record);
            }
        }
        return ours;
    }

    private Map<ObjectRef, ImageRecord> knownImages() {
        Map<ObjectRef, ImageRecord> ours = new LinkedHashMap<>();
        for (ImageRecord record : known.images()) {
            if (record.sourceId().equals(reading.id())) {
                ours.put(ObjectRef.image(record.name()), record);
            }
        }
        return ours;
    }

    private String origin(ObjectRef ref, String otherwise) {
        ReadObject object = declared.get(ref);
        return object == null ? otherwise : object.where() + " (" + otherwise + ")";
    }

    private static Problem wrong(ReadObject object, String field, String message) {
        return new Problem(
                object.where(), object.ref().kind().name(), object.ref().name(), field, message, false);
    }

    /** The last good version of the store's own NodeStore, when the store knows one of that name. */
    static @Nullable DesiredStore lastGood(@Nullable NodeStoreRecord record, String name) {
        return record == null || !record.name().equals(name)
                ? null
                : DeclaredSpecs.store(name, record.canonicalSpec(), LAST_KNOWN);
    }
}
