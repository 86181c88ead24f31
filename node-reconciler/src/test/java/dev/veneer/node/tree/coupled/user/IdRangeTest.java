package dev.veneer.node.tree.coupled.user;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.veneer.node.tree.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IdRangeTest {
    private static IdRange range(String name, long first, long count) {
        return new IdRange(Bytes.utf8(name + ":" + first + ":" + count), first, count);
    }

    private static List<IdRange> random(Random random, String name, int count) {
        List<IdRange> ranges = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ranges.add(range(name + i, random.nextInt(100), random.nextInt(12)));
        }
        return ranges;
    }

    /** Against trying each with each. */
    @Test
    void findsAllThatOverlap() {
        for (int seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            List<IdRange> ones = random(random, "a", random.nextInt(12));
            List<IdRange> others = random(random, "b", random.nextInt(12));
            Set<IdRange.Pair> expected = new HashSet<>();
            for (IdRange one : ones) {
                for (IdRange other : others) {
                    boolean overlap = one.first() < other.first() + other.count()
                            && other.first() < one.first() + one.count()
                            && one.count() > 0
                            && other.count() > 0;
                    if (overlap) {
                        expected.add(new IdRange.Pair(one, other));
                    }
                }
            }
            List<IdRange.Pair> found = IdRange.overlaps(ones, others, Integer.MAX_VALUE);
            assertEquals(expected, new HashSet<>(found), "seed " + seed);
            assertEquals(expected.size(), found.size(), "seed " + seed);
            assertEquals(
                    Math.min(3, expected.size()),
                    IdRange.overlaps(ones, others, 3).size());
        }
    }

    /** Each with each would be 10^12. */
    @Test
    void aMillionTakeNoTime() {
        List<IdRange> ones = new ArrayList<>();
        List<IdRange> others = new ArrayList<>();
        for (int i = 0; i < 1_000_000; i++) {
            ones.add(range("a", 20L * i, 10));
            others.add(range("b", 20L * i + 10, 10));
        }
        others.add(range("all", 0, 9_999_999_999L));
        assertTimeout(Duration.ofSeconds(30), () -> {
            assertEquals(1000, IdRange.overlaps(ones, others, 1000).size());
            others.remove(others.size() - 1);
            assertEquals(0, IdRange.overlaps(ones, others, 1000).size());
        });
    }
}
