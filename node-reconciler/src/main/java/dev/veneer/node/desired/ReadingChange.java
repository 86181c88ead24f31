package dev.veneer.node.desired;

import dev.veneer.node.model.Unchanged;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What differs between two readings of a source. What was not read anew is the very same object in both, so mostly all but
 * the objects of one file.
 *
 * @param gone objects that are not in the second one any more
 * @param come objects that were not in the first one
 */
record ReadingChange(List<ReadObject> gone, List<ReadObject> come) {
    /** Null if more differs than objects that are read well, or one of the readings is not wholly right. */
    static @Nullable ReadingChange of(Reading then, Reading now) {
        if (!then.id().equals(now.id())
                || then.absence() != now.absence()
                || !Objects.equals(then.barred(), now.barred())
                || !then.problems().isEmpty()
                || !now.problems().isEmpty()) {
            return null;
        }
        List<ReadObject> one = then.objects();
        List<ReadObject> other = now.objects();
        int shorter = Math.min(one.size(), other.size());
        int first = 0;
        while (first < shorter && Unchanged.isSame(one.get(first), other.get(first))) {
            first++;
        }
        int last = 0;
        while (last < shorter - first
                && Unchanged.isSame(one.get(one.size() - 1 - last), other.get(other.size() - 1 - last))) {
            last++;
        }
        return new ReadingChange(one.subList(first, one.size() - last), other.subList(first, other.size() - last));
    }
}
