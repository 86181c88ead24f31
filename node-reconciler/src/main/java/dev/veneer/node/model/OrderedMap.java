package dev.veneer.node.model;

import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A map that never changes, goes through its entries in the order of their keys, and finds one by its hash. Thousands of
 * objects are in it of which a pass finds one changed; therefore a map with some entries changed is made from one that is
 * there ({@link #with}) and shares its keys with it, and between two such maps what differs is found ({@link
 * #differences}) without looking at a single name. Values are not null.
 */
public final class OrderedMap<K extends Comparable<K>, V> extends AbstractMap<K, V> {
    private final OrderedKeys<K> keys;
    private final Object[] values;

    private OrderedMap(OrderedKeys<K> keys, Object[] values) {
        this.keys = keys;
        this.values = values;
    }

    /** Without entries. */
    public static <K extends Comparable<K>, V> OrderedMap<K, V> empty() {
        return new OrderedMap<K, V>(new OrderedKeys<K>(List.of()), new Object[0]);
    }

    /** With the same entries; the very same map if it is such a one. */
    public static <K extends Comparable<K>, V> OrderedMap<K, V> copyOf(Map<K, V> map) {
        if (map instanceof OrderedMap<K, V> ordered) {
            return ordered;
        }
        if (map instanceof SortedMap<K, V> sorted && sorted.comparator() == null) {
            return inOrder(map);
        }
        List<K> keys = new ArrayList<>(map.keySet());
        Collections.sort(keys);
        Object[] values = new Object[keys.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Objects.requireNonNull(map.get(keys.get(i)));
        }
        return new OrderedMap<>(new OrderedKeys<>(keys), values);
    }

    /** With entries that are in the order of their keys already. */
    public static <K extends Comparable<K>, V> OrderedMap<K, V> inOrder(Map<K, V> entries) {
        List<K> keys = new ArrayList<>(entries.size());
        List<Object> values = new ArrayList<>(entries.size());
        entries.forEach((key, value) -> {
            keys.add(key);
            values.add(Objects.requireNonNull(value));
        });
        return new OrderedMap<>(new OrderedKeys<>(keys), values.toArray());
    }

    /**
     * This map with some entries put, or taken out where there is no value any more; the very same map if nothing
     * differs.
     */
    public OrderedMap<K, V> with(Map<K, Optional<V>> changes) {
        Object[] changed = null;
        for (Entry<K, Optional<V>> change : changes.entrySet()) {
            int place = keys.placeOf(change.getKey());
            V value = change.getValue().orElse(null);
            if (place < 0 ? value != null : value == null) {
                return withOtherKeys(changes);
            }
            if (place >= 0 && value != null && !Unchanged.isSame(values[place], value)) {
                changed = changed == null ? values.clone() : changed;
                changed[place] = value;
            }
        }
        return changed == null ? this : new OrderedMap<>(keys, changed);
    }

    private OrderedMap<K, V> withOtherKeys(Map<K, Optional<V>> changes) {
        TreeMap<K, Optional<V>> left = new TreeMap<>(changes);
        List<K> nowKeys = new ArrayList<>(size() + changes.size());
        List<Object> nowValues = new ArrayList<>(size() + changes.size());
        for (int i = 0; i < values.length; i++) {
            K key = keys.at(i);
            while (!left.isEmpty() && left.firstKey().compareTo(key) < 0) {
                add(left.pollFirstEntry(), nowKeys, nowValues);
            }
            if (!left.isEmpty() && left.firstKey().equals(key)) {
                add(left.pollFirstEntry(), nowKeys, nowValues);
            } else {
                nowKeys.add(key);
                nowValues.add(values[i]);
            }
        }
        while (!left.isEmpty()) {
            add(left.pollFirstEntry(), nowKeys, nowValues);
        }
        return new OrderedMap<>(new OrderedKeys<>(nowKeys), nowValues.toArray());
    }

    private static <K, V> void add(Entry<K, Optional<V>> entry, List<K> keys, List<Object> values) {
        if (entry.getValue().isPresent()) {
            keys.add(entry.getKey());
            values.add(entry.getValue().get());
        }
    }

    /** The keys of which two maps do not have the very same value: of which something has changed from one to the other. */
    public static <K extends Comparable<K>, V> SortedSet<K> differences(Map<K, V> one, Map<K, V> other) {
        OrderedMap<K, V> then = copyOf(one);
        OrderedMap<K, V> now = copyOf(other);
        SortedSet<K> different = new TreeSet<>();
        if (Unchanged.isSame(then.values, now.values)) {
            return different;
        }
        if (Unchanged.isSame(then.keys, now.keys)) {
            for (int i = 0; i < now.values.length; i++) {
                if (!Unchanged.isSame(then.values[i], now.values[i])) {
                    different.add(now.keys.at(i));
                }
            }
            return different;
        }
        int i = 0;
        int j = 0;
        while (i < then.values.length || j < now.values.length) {
            int order = i == then.values.length
                    ? 1
                    : j == now.values.length ? -1 : then.keys.at(i).compareTo(now.keys.at(j));
            if (order < 0) {
                different.add(then.keys.at(i++));
            } else if (order > 0) {
                different.add(now.keys.at(j++));
            } else {
                if (!Unchanged.isSame(then.values[i++], now.values[j])) {
                    different.add(now.keys.at(j));
                }
                j++;
            }
        }
        return different;
    }

    @SuppressWarnings("unchecked") // nothing else is put in
    private V value(int place) {
        return (V) values[place];
    }

    @Override
    public @Nullable V get(@Nullable Object key) {
        int place = keys.placeOf(key);
        return place < 0 ? null : value(place);
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return keys.placeOf(key) >= 0;
    }

    @Override
    public int size() {
        return values.length;
    }

    @Override
    public Collection<V> values() {
        return Collections.unmodifiableList(asList());
    }

    @SuppressWarnings("unchecked") // nothing else is put in
    private List<V> asList() {
        return (List<V>) Arrays.asList(values);
    }

    @Override
    public Set<K> keySet() {
        return keys;
    }

    @Override
    public Set<Entry<K, V>> entrySet() {
        List<Entry<K, V>> entries = new AbstractList<>() {
            @Override
            public Entry<K, V> get(int place) {
                return Map.entry(keys.at(place), value(place));
            }

            @Override
            public int size() {
                return values.length;
            }
        };
        return new AbstractSet<>() {
            @Override
            public Iterator<Entry<K, V>> iterator() {
                return entries.iterator();
            }

            @Override
            public int size() {
                return values.length;
            }
        };
    }
}
