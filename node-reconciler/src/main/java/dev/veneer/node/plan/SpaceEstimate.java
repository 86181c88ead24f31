package dev.veneer.node.plan;

import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.DriverFacts;
import dev.veneer.node.model.SliverId;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What an action takes of the disk and gives back, as far as that is known beforehand: the trees of bases are measured
 * when they are imported, slivers now and then. What an import will bring is known only when it is there.
 *
 * @param adds bytes that it takes, at least 0
 * @param frees bytes that it gives back, at least 0
 */
public record SpaceEstimate(long adds, long frees) {
    private static final SpaceEstimate NONE = new SpaceEstimate(0, 0);

    /** The sum of two. */
    public SpaceEstimate plus(SpaceEstimate other) {
        return new SpaceEstimate(adds + other.adds, frees + other.frees);
    }

    /**
     * Of one action.
     *
     * @param exclusive the bytes that only a sliver uses, as last measured; 0 when it never was
     */
    public static SpaceEstimate of(Action action, ActualState actual, ToLongFunction<SliverId> exclusive) {
        if (action instanceof Action.CreateSliver create) {
            return copies(create.driver(), actual) ? adds(tree(create.digest(), actual)) : NONE;
        }
        if (action instanceof Action.NewInstance renewed) {
            boolean copies = copies(renewed.record().driver(), actual);
            return copies ? adds(tree(renewed.record().baseDigest(), actual)) : NONE;
        }
        if (action instanceof Action.MakeForm form) {
            return adds(tree(form.digest(), actual));
        }
        if (action instanceof Action.RemoveBase base) {
            return frees(tree(base.digest(), actual));
        }
        if (action instanceof Action.RemoveSliver removed) {
            return frees(exclusive.applyAsLong(removed.id()));
        }
        if (action instanceof Action.DeleteData deleted) {
            return frees(exclusive.applyAsLong(deleted.record().id()));
        }
        return NONE;
    }

    private static SpaceEstimate adds(long bytes) {
        return new SpaceEstimate(bytes, 0);
    }

    private static SpaceEstimate frees(long bytes) {
        return new SpaceEstimate(0, bytes);
    }

    private static long tree(@Nullable Digest digest, ActualState actual) {
        BaseRecord base = digest == null ? null : actual.bases().get(digest);
        return base == null ? 0 : base.bytes();
    }

    private static boolean copies(String driver, ActualState actual) {
        for (DriverFacts facts : actual.node().drivers()) {
            if (facts.name().equals(driver)) {
                return !facts.capabilities().contains("sharesBaseBytes");
            }
        }
        return false;
    }
}
