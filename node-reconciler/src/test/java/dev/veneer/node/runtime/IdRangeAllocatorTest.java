package dev.veneer.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.model.IdRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IdRangeAllocatorTest {
    private static final IdRange POOL = new IdRange(1_000_000, 1_000_000_000);

    private static Optional<IdRange> range(int first) {
        return Optional.of(new IdRange(first, IdRangeAllocator.SIZE));
    }

    @Test
    void takesTheLowestThatIsFree() {
        assertEquals(range(1_000_000), IdRangeAllocator.next(List.of(POOL), List.of()));
        IdRange first = new IdRange(1_000_000, 65_536);
        IdRange third = new IdRange(1_131_072, 65_536);
        assertEquals(range(1_065_536), IdRangeAllocator.next(List.of(POOL), List.of(third, first)));
    }

    @Test
    void neverOverlapsWhatSomebodyElsePlacedAnyhow() {
        IdRange one = new IdRange(1_000_001, 1);
        IdRange wide = new IdRange(1_065_000, 200_000);
        assertEquals(range(1_327_680), IdRangeAllocator.next(List.of(POOL), List.of(one, wide)));
    }

    @Test
    void endsWithThePoolsAndGoesOnInTheNext() {
        IdRange small = new IdRange(100_000, 65_535);
        IdRange exact = new IdRange(500_000, 65_536);
        assertEquals(Optional.empty(), IdRangeAllocator.next(List.of(), List.of()));
        assertEquals(Optional.empty(), IdRangeAllocator.next(List.of(small), List.of()));
        assertEquals(range(500_000), IdRangeAllocator.next(List.of(small, exact), List.of()));
        assertEquals(Optional.empty(), IdRangeAllocator.next(List.of(small, exact), List.of(exact)));
        IdRange last = new IdRange(Integer.MAX_VALUE - 70_000, 70_000);
        assertEquals(range(last.first()), IdRangeAllocator.next(List.of(last), List.of()));
        assertEquals(
                Optional.empty(), IdRangeAllocator.next(List.of(last), List.of(new IdRange(last.first(), 65_536))));
    }

    @Test
    void randomRangesNeverOverlap() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            List<IdRange> used = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                used.add(new IdRange(900_000 + random.nextInt(3_000_000), 1 + random.nextInt(200_000)));
            }
            List<IdRange> pools = List.of(new IdRange(1_000_000 + random.nextInt(1000), 4_000_000));
            Optional<IdRange> next = IdRangeAllocator.next(pools, used);
            while (next.isPresent()) {
                IdRange got = next.get();
                assertFalse(used.stream().anyMatch(got::overlaps), "seed " + seed);
                assertTrue(got.first() >= pools.get(0).first());
                assertTrue(got.first() + got.count()
                        <= pools.get(0).first() + pools.get(0).count());
                used.add(got);
                next = IdRangeAllocator.next(pools, used);
            }
        }
    }

    @Test
    void promisesOfTheHostAreRead() {
        String text = "alice:100000:65536\n1000:165536:65536\r\n\nbroken\nx:y:z\nx:-1:5\nroot:0:1\nx:4294967295:9\n";
        assertEquals(
                List.of(new IdRange(100_000, 65_536), new IdRange(165_536, 65_536)),
                IdRangeAllocator.subordinate(text));
        assertEquals(List.of(), IdRangeAllocator.subordinate(""));
    }
}
