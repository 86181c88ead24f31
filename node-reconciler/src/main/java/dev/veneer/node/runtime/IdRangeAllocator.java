package dev.veneer.node.runtime;

import dev.veneer.node.model.IdRange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Chooses the range of host ids for a sliver: pure. Ranges are {@value #SIZE} ids long, start at a multiple of that
 * size counted from the start of the pool they lie in, and overlap nothing that is in use.
 */
public final class IdRangeAllocator {
    /** How many ids a sliver gets: all that 16-bit ids can name, with nobody and nogroup. */
    public static final int SIZE = 65_536;

    private static final Pattern SUBORDINATE = Pattern.compile("[^:]*:([0-9]{1,10}):([0-9]{1,10})");

    private IdRangeAllocator() {}

    /**
     * The lowest free range.
     *
     * @param pools the node's ranges to take from, in order of preference; what is left over at a pool's end is not used
     * @param used ranges of other slivers, and those that others on this host may use ({@link #subordinate})
     * @return empty when every pool is used up
     */
    public static Optional<IdRange> next(List<IdRange> pools, Collection<IdRange> used) {
        List<IdRange> taken = new ArrayList<>(used);
        taken.sort(Comparator.comparingInt(IdRange::first));
        for (IdRange pool : pools) {
            long end = Math.min(pool.first() + (long) pool.count(), Integer.MAX_VALUE);
            long candidate = pool.first();
            for (IdRange range : taken) {
                long rangeEnd = range.first() + (long) range.count();
                if (rangeEnd <= candidate) {
                    continue;
                }
                if (range.first() >= candidate + SIZE) {
                    break;
                }
                candidate = pool.first() + roundUp(rangeEnd - pool.first());
            }
            if (candidate + SIZE <= end) {
                return Optional.of(new IdRange((int) candidate, SIZE));
            }
        }
        return Optional.empty();
    }

    /**
     * The ranges in the text of {@code /etc/subuid} or {@code /etc/subgid}, which the host has promised to users of its
     * own. Lines that make no sense are skipped: the file is not ours to judge.
     */
    public static List<IdRange> subordinate(String text) {
        List<IdRange> ranges = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            Matcher matcher = SUBORDINATE.matcher(line.strip());
            if (matcher.matches()) {
                long first = Long.parseLong(matcher.group(1));
                long count = Long.parseLong(matcher.group(2));
                if (first >= 1 && count >= 1 && first + count <= Integer.MAX_VALUE) {
                    ranges.add(new IdRange((int) first, (int) count));
                }
            }
        }
        return ranges;
    }

    private static long roundUp(long offset) {
        return (offset + SIZE - 1) / SIZE * SIZE;
    }
}
