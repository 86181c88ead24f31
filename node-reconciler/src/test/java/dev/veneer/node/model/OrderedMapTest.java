package dev.veneer.node.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderedMapTest {
    /** Keys with few hashes, so that they collide. */
    private record Key(int number) implements Comparable<Key> {
        @Override
        public int hashCode() {
            return number % 5;
        }

        @Override
        public int compareTo(Key other) {
            return Integer.compare(number, other.number);
        }
    }

    private static void assertIs(SortedMap<Key, Object> expected, OrderedMap<Key, Object> map) {
        assertEquals(expected, map);
        assertEquals(expected.size(), map.size());
        assertEquals(new ArrayList<>(expected.keySet()), new ArrayList<>(map.keySet()));
        assertEquals(new ArrayList<>(expected.values()), new ArrayList<>(map.values()));
        assertEquals(new ArrayList<>(expected.entrySet()), new ArrayList<>(map.entrySet()));
        for (int number = -1; number <= 40; number++) {
            assertSame(expected.get(new Key(number)), map.get(new Key(number)));
            assertEquals(expected.containsKey(new Key(number)), map.containsKey(new Key(number)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void isWhatATreeMapWouldBe(int seed) {
        Random random = new Random(seed);
        TreeMap<Key, Object> expected = new TreeMap<>();
        OrderedMap<Key, Object> map = OrderedMap.empty();
        for (int step = 0; step < 300; step++) {
            Map<Key, Optional<Object>> changes = new HashMap<>();
            TreeMap<Key, Object> before = new TreeMap<>(expected);
            for (int i = random.nextInt(step % 20 == 0 ? 30 : 3); i > 0; i--) {
                Key key = new Key(random.nextInt(40));
                if (random.nextInt(3) == 0) {
                    changes.put(key, Optional.empty());
                    expected.remove(key);
                } else {
                    Object value = random.nextBoolean() && before.containsKey(key) ? before.get(key) : new Object();
                    changes.put(key, Optional.of(value));
                    expected.put(key, value);
                }
            }
            OrderedMap<Key, Object> changed = map.with(changes);
            assertIs(before, map);
            assertIs(expected, changed);
            Set<Key> different = new TreeSet<>(expected.keySet());
            different.addAll(before.keySet());
            different.removeIf(key -> Unchanged.isSame(before.get(key), expected.get(key)));
            assertEquals(different, OrderedMap.differences(map, changed));
            assertEquals(different, OrderedMap.differences(changed, map));
            assertEquals(different, OrderedMap.differences(before, expected));
            if (different.isEmpty()) {
                assertSame(map, changed);
            }
            map = random.nextInt(10) == 0 ? OrderedMap.copyOf(new HashMap<>(expected)) : changed;
        }
    }

    @Test
    void nobodyChangesIt() {
        OrderedMap<String, String> map = OrderedMap.copyOf(Map.of("a", "1", "b", "2"));
        assertSame(map, OrderedMap.copyOf(map));
        assertThrows(UnsupportedOperationException.class, () -> map.put("c", "3"));
        assertThrows(UnsupportedOperationException.class, () -> map.keySet().remove("a"));
        assertThrows(UnsupportedOperationException.class, () -> map.values().remove("1"));
        assertThrows(UnsupportedOperationException.class, () -> map.entrySet().clear());
        assertThrows(
                UnsupportedOperationException.class,
                () -> map.entrySet().iterator().next().setValue("3"));
        assertEquals(List.of("1", "2"), new ArrayList<>(map.values()));
    }

    @Test
    void aMapWithoutEntriesAndOneWithoutAValue() {
        assertFalse(OrderedMap.<String, String>empty().containsKey("a"));
        assertThrows(
                NullPointerException.class, () -> OrderedMap.inOrder(java.util.Collections.singletonMap("a", null)));
    }
}
