package dev.veneer.node.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.RangePromise;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RangePromiseFileTest {
    @Test
    void mergedRangesHoldTheSameIds() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            BitSet ids = new BitSet();
            List<IdRange> ranges = new ArrayList<>();
            for (int i = random.nextInt(12); i > 0; i--) {
                IdRange range = new IdRange(1 + random.nextInt(60), 1 + random.nextInt(9));
                ranges.add(range);
                ids.set(range.first(), range.first() + range.count());
            }
            List<IdRange> merged = RangePromiseFile.merged(ranges);
            BitSet same = new BitSet();
            for (IdRange range : merged) {
                assertEquals(-1, next(same, range.first() - 1), "two touch or overlap: " + merged);
                same.set(range.first(), range.first() + range.count());
            }
            assertEquals(ids, same, ranges::toString);
            RangePromise promise = new RangePromise("/s", "/f", merged);
            for (int first = 1; first < 75; first++) {
                IdRange asked = new IdRange(first, 1 + random.nextInt(5));
                boolean expected = !ids.get(first, first + asked.count()).isEmpty();
                assertEquals(expected, promise.overlaps(asked), asked + " in " + merged);
            }
        }
    }

    private static int next(BitSet ids, int from) {
        return ids.nextSetBit(from);
    }

    @Test
    void theHighestIdsAreCutOff() {
        IdRange high = new IdRange(Integer.MAX_VALUE - 10, 1_000_000);
        assertEquals(List.of(new IdRange(Integer.MAX_VALUE - 10, 10)), RangePromiseFile.merged(List.of(high)));
        assertEquals(List.of(), RangePromiseFile.merged(List.of(new IdRange(Integer.MAX_VALUE, 5))));
        assertEquals(
                List.of(new IdRange(1, Integer.MAX_VALUE - 1)),
                RangePromiseFile.merged(List.of(new IdRange(1, Integer.MAX_VALUE), high)));
    }
}
