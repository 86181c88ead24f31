package dev.veneer.node.status;

import dev.veneer.api.Reason;
import dev.veneer.api.v1alpha1.NodeStoreStatus;
import dev.veneer.api.v1alpha1.StoredBaseImage;
import dev.veneer.api.v1alpha1.StoredBaseImage.State;
import dev.veneer.node.model.ActualImage;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.ObjectRef;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a NodeStore says of the base images that it holds, and of those that are declared and not here. */
public final class StoredImages {
    /** Reasons for which an import is waited with; all others say that it failed. */
    private static final Set<Reason> WAITED_FOR =
            EnumSet.of(Reason.Suspended, Reason.Progressing, Reason.InUse, Reason.LowSpace, Reason.SourceHeld);

    private StoredImages() {}

    /**
     * The rows, in the order of the names.
     *
     * @param situations how the objects stand; those that are not among them stand well
     */
    public static List<StoredBaseImage> rows(
            DesiredState desired, ActualState actual, Map<ObjectRef, Situation> situations) {
        Set<String> names = new TreeSet<>(actual.images().keySet());
        names.addAll(desired.baseImages().keySet());
        List<StoredBaseImage> rows = new ArrayList<>();
        for (String name : names) {
            ActualImage there = actual.images().get(name);
            rows.add(row(
                    name,
                    desired.baseImages().get(name),
                    there == null ? null : there.record(),
                    actual,
                    situations.getOrDefault(ObjectRef.image(name), Situation.QUIET)));
        }
        return rows;
    }

    /** The same status with one row instead of that of its image, or besides. */
    static NodeStoreStatus with(NodeStoreStatus status, StoredBaseImage row) {
        Map<String, StoredBaseImage> rows = new TreeMap<>();
        status.baseImages().forEach(each -> rows.put(each.name(), each));
        rows.put(row.name(), row);
        return new NodeStoreStatus(
                status.observedGeneration(),
                status.drivers(),
                status.capacity(),
                status.usage(),
                List.copyOf(rows.values()),
                status.storeId(),
                status.orphans(),
                status.conditions());
    }

    /**
     * The row of an image that is being imported.
     *
     * @param status what was so before: content that is here stays here until there is other
     * @param percent how much of the source was read; null when that cannot be told
     */
    static StoredBaseImage importing(NodeStoreStatus status, DesiredBaseImage image, @Nullable Integer percent) {
        for (StoredBaseImage row : status.baseImages()) {
            if (row.name().equals(image.name())) {
                return new StoredBaseImage(
                        row.name(), row.uid(), row.digest(), State.Importing, row.bytes(), percent, null);
            }
        }
        DeclaredIdentity identity = image.identity();
        String uid = identity == null ? null : identity.uid();
        return new StoredBaseImage(image.name(), uid, null, State.Importing, null, percent, null);
    }

    private static StoredBaseImage row(
            String name,
            @Nullable DesiredBaseImage declared,
            @Nullable ImageRecord record,
            ActualState actual,
            Situation situation) {
        DeclaredIdentity identity = declared == null ? null : declared.identity();
        boolean another = record != null && identity != null && !identity.uid().equals(record.uid());
        // What lies here of an object that was deleted says nothing of the one that was made after it.
        Digest digest = record == null || another ? null : record.digest();
        BaseRecord base = digest == null ? null : actual.bases().get(digest);
        String uid = identity != null ? identity.uid() : record == null ? null : record.uid();
        String text = digest == null ? null : digest.toString();
        if (base != null) {
            return new StoredBaseImage(name, uid, text, State.Ready, base.bytes(), null, null);
        }
        List<Situation.Trouble> troubles = situation.troubles();
        if (troubles.isEmpty()) {
            return new StoredBaseImage(name, uid, text, State.Pending, null, null, null);
        }
        Situation.Trouble first = troubles.get(0);
        State state = WAITED_FOR.contains(first.reason()) ? State.Pending : State.Failed;
        String reason = ConditionSet.cut(first.reason().name() + ": " + first.message());
        return new StoredBaseImage(name, uid, text, state, null, null, reason);
    }
}
