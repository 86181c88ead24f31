package dev.veneer.node.tree.coupled.user;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * A line of {@code subuid} or {@code subgid}.
 *
 * @param line all of it
 * @param first the first id
 * @param count how many ids; none for a comment
 */
record IdRange(Bytes line, long first, long count) {
    /** Two that overlap. */
    record Pair(IdRange one, IdRange other) {}

    static IdRange parse(Bytes path, Bytes line) throws MalformedState {
        if (line.isEmpty() || line.startsWith("#")) {
            return new IdRange(line, 0, 0);
        }
        List<Bytes> fields = Octets.split(line, ':');
        if (fields.size() != 3 || fields.get(0).isEmpty()) {
            throw new MalformedState(path, "has a line that is no range: " + line);
        }
        return new IdRange(line, number(path, fields.get(1)), number(path, fields.get(2)));
    }

    private static long number(Bytes path, Bytes text) throws MalformedState {
        String digits = text.length() > 10 ? "" : Octets.ascii(text);
        if (!digits.matches("[0-9]{1,10}")) {
            throw new MalformedState(path, "has a range that is no number: " + text);
        }
        return Long.parseLong(digits);
    }

    private long end() {
        return first + count;
    }

    /**
     * Which of some ranges overlap which of others; those of one list may overlap each other as they like. Each is looked
     * at once, in the order in which they begin, beside those of the other list that have not ended there.
     *
     * @param most how many pairs at most are found
     */
    static List<Pair> overlaps(List<IdRange> ones, List<IdRange> others, int most) {
        List<IdRange> one = sorted(ones);
        List<IdRange> other = sorted(others);
        PriorityQueue<IdRange> openOnes = new PriorityQueue<>(Comparator.comparingLong(IdRange::end));
        PriorityQueue<IdRange> openOthers = new PriorityQueue<>(Comparator.comparingLong(IdRange::end));
        List<Pair> pairs = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < one.size() || j < other.size()) {
            boolean isOne = j == other.size() || (i < one.size() && one.get(i).first <= other.get(j).first);
            IdRange next = isOne ? one.get(i++) : other.get(j++);
            close(openOnes, next.first);
            close(openOthers, next.first);
            for (IdRange open : isOne ? openOthers : openOnes) {
                if (pairs.size() == most) {
                    return pairs;
                }
                pairs.add(isOne ? new Pair(next, open) : new Pair(open, next));
            }
            (isOne ? openOnes : openOthers).add(next);
        }
        return pairs;
    }

    private static List<IdRange> sorted(List<IdRange> ranges) {
        return ranges.stream()
                .filter(range -> range.count > 0)
                .sorted(Comparator.comparingLong(IdRange::first))
                .toList();
    }

    private static void close(PriorityQueue<IdRange> open, long at) {
        while (!open.isEmpty() && open.element().end() <= at) {
            open.remove();
        }
    }
}
