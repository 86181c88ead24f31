package dev.veneer.node.model;

import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The keys of {@link OrderedMap}s, in their order, each found by its hash; never changes, so that several maps share it. */
final class OrderedKeys<K> extends AbstractSet<K> {
    private final Object[] keys;

    /** One more than the place of the key that belongs here or, if another had it first, before here; 0: none. */
    private final int[] table;

    /** Of keys in order, none twice. */
    OrderedKeys(List<K> inOrder) {
        keys = inOrder.toArray();
        table = new int[Integer.highestOneBit(keys.length + 1) * 4];
        for (int place = 0; place < keys.length; place++) {
            int slot = slot(Objects.requireNonNull(keys[place]));
            while (table[slot] != 0) {
                slot = (slot + 1) & (table.length - 1);
            }
            table[slot] = place + 1;
        }
    }

    private int slot(Object key) {
        int hash = key.hashCode();
        return ((hash ^ (hash >>> 16)) * 0x9E3779B9) >>> Integer.numberOfLeadingZeros(table.length - 1);
    }

    /** The place of a key, or -1 if it is none of these. */
    int placeOf(@Nullable Object key) {
        if (key == null) {
            return -1;
        }
        for (int slot = slot(key); table[slot] != 0; slot = (slot + 1) & (table.length - 1)) {
            int place = table[slot] - 1;
            if (keys[place].equals(key)) {
                return place;
            }
        }
        return -1;
    }

    @SuppressWarnings("unchecked") // nothing else is put in
    K at(int place) {
        return (K) keys[place];
    }

    @Override
    public boolean contains(@Nullable Object key) {
        return placeOf(key) >= 0;
    }

    @SuppressWarnings("unchecked") // nothing else is put in
    @Override
    public Iterator<K> iterator() {
        return (Iterator<K>) Arrays.asList(keys).iterator();
    }

    @Override
    public int size() {
        return keys.length;
    }
}
