package dev.veneer.node.plan;

import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.RangePromise;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gives each sliver that needs one a range of host ids that overlaps no other's, be it of another store of the node. */
final class IdRangeChoice {
    /** Ids of one sliver: all that 16 bits name, as {@code /etc/subuid} has it by custom. */
    static final int COUNT = 65_536;

    private final List<IdRange> allowed;
    private final List<IdRange> taken = new ArrayList<>();
    private int nextTaken;
    private int rangeIndex;
    private long candidate = -1;

    IdRangeChoice(List<IdRange> allowed, Collection<ActualSliver> slivers, List<RangePromise> promises) {
        this.allowed = allowed;
        for (ActualSliver sliver : slivers) {
            IdRange range = sliver.record().idRange();
            if (range != null) {
                taken.add(range);
            }
        }
        for (RangePromise promise : promises) {
            taken.addAll(promise.ranges());
        }
        taken.sort(Comparator.comparingInt(IdRange::first));
    }

    /** The next free range, or null when all are taken. Ranges are given in ascending order, each at most once. */
    @Nullable
    IdRange next() {
        while (rangeIndex < allowed.size()) {
            IdRange range = allowed.get(rangeIndex);
            if (candidate < 0) {
                candidate = range.first();
                nextTaken = 0;
            }
            long end = range.first() + (long) range.count();
            while (candidate + COUNT <= end) {
                IdRange choice = new IdRange((int) candidate, COUNT);
                while (nextTaken < taken.size() && endOf(taken.get(nextTaken)) <= candidate) {
                    nextTaken++;
                }
                if (nextTaken < taken.size() && taken.get(nextTaken).overlaps(choice)) {
                    candidate = endOf(taken.get(nextTaken));
                    continue;
                }
                candidate += COUNT;
                return choice;
            }
            rangeIndex++;
            candidate = -1;
        }
        return null;
    }

    private static long endOf(IdRange range) {
        return range.first() + (long) range.count();
    }
}
