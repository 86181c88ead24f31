package dev.veneer.node.driver.btrfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ExtentSetTest {
    @Test
    void holesAndRepetitionsCountNothing() {
        ExtentSet set = new ExtentSet();
        set.add(0, 4096);
        set.add(8192, 4096);
        set.add(8192, 4096);
        set.sort();
        assertEquals(4096, set.bytes());
    }

    @Test
    void largestExtentFarAway() {
        ExtentSet set = new ExtentSet();
        set.add(1L << 55, 256 << 20);
        set.sort();
        assertEquals(256 << 20, set.bytes());
        assertEquals(256 << 20, set.bytesAlsoIn(set));
    }

    @Test
    void agreesWithMapOnManyExtents() {
        Random random = new Random(7);
        TreeMap<Long, Long> left = new TreeMap<>();
        TreeMap<Long, Long> right = new TreeMap<>();
        ExtentSet leftSet = new ExtentSet();
        ExtentSet rightSet = new ExtentSet();
        for (int i = 0; i < 5000; i++) {
            long place = (1 + random.nextInt(4000)) * 4096L;
            long length = (1 + place % 7) * 4096L;
            if (random.nextBoolean()) {
                left.put(place, length);
                leftSet.add(place, length);
            } else {
                right.put(place, length);
                rightSet.add(place, length);
            }
        }
        leftSet.sort();
        rightSet.sort();
        assertEquals(left.values().stream().mapToLong(Long::longValue).sum(), leftSet.bytes());
        left.keySet().retainAll(right.keySet());
        assertEquals(left.values().stream().mapToLong(Long::longValue).sum(), leftSet.bytesAlsoIn(rightSet));
    }
}
