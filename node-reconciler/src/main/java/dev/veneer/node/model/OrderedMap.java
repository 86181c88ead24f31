package dev.veneer.node.model;

import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * A map that never changes, goes through its entries in the order of their keys, and finds one by its hash: thousands of
 * objects are looked up several times in every pass, and comparing their names each time was what passes took longest for.
 */
public final class OrderedMap<K extends Comparable<K>, V> extends AbstractMap<K, V> {
    private final Map<K, V> entries;

    private OrderedMap(Map<K, V> entries) {
        this.entries = entries;
    }

    /** With the same entries; the very same map if it is such a one. */
    public static <K extends Comparable<K>, V> OrderedMap<K, V> copyOf(Map<K, V> map) {
        if (map instanceof OrderedMap<K, V> ordered) {
            return ordered;
        }
        Map<K, V> entries = new LinkedHashMap<>(map.size() * 2);
        if (map instanceof SortedMap<K, V> sorted && sorted.comparator() == null) {
            entries.putAll(map);
        } else {
            List<K> keys = new ArrayList<>(map.keySet());
            Collections.sort(keys);
            keys.forEach(key -> entries.put(key, map.get(key)));
        }
        return new OrderedMap<>(Collections.unmodifiableMap(entries));
    }

    /** With entries that are in the order of their keys already, and that the caller leaves alone from now on. */
    public static <K extends Comparable<K>, V> OrderedMap<K, V> inOrder(Map<K, V> entries) {
        return new OrderedMap<>(Collections.unmodifiableMap(entries));
    }

    @Override
    public Set<Entry<K, V>> entrySet() {
        return entries.entrySet();
    }

    @Override
    public Set<K> keySet() {
        return entries.keySet();
    }

    @Override
    public java.util.Collection<V> values() {
        return entries.values();
    }

    @Override
    public @Nullable V get(Object key) {
        return entries.get(key);
    }

    @Override
    public boolean containsKey(Object key) {
        return entries.containsKey(key);
    }

    @Override
    public int size() {
        return entries.size();
    }
}
