package dev.veneer.node.tree.coupled.record;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Merges values and tables of records of which the sliver and the new base have each a version. */
public final class ThreeWay {
    private ThreeWay() {}

    /** Says what a record is that both sides changed, differently; null means that there is none any more. */
    @FunctionalInterface
    public interface Settle<K, V> {
        @Nullable
        V settle(K key, @Nullable V oldBase, @Nullable V newBase, @Nullable V sliver);
    }

    /** Whether both sides changed it, differently. */
    public static <V> boolean conflicts(@Nullable V oldBase, @Nullable V newBase, @Nullable V sliver) {
        return !Objects.equals(oldBase, sliver)
                && !Objects.equals(oldBase, newBase)
                && !Objects.equals(newBase, sliver);
    }

    /** The value of the side that changed it; the sliver's where both did. */
    public static <V> @Nullable V sliverFirst(@Nullable V oldBase, @Nullable V newBase, @Nullable V sliver) {
        return Objects.equals(oldBase, sliver) ? newBase : sliver;
    }

    /** The value of the side that changed it; the new base's where both did. */
    public static <V> @Nullable V baseFirst(@Nullable V oldBase, @Nullable V newBase, @Nullable V sliver) {
        return Objects.equals(oldBase, newBase) ? sliver : newBase;
    }

    /** By record: in the new base's order, then what is only the sliver's, in its order. */
    public static <K, V> Map<K, V> table(Map<K, V> oldBase, Map<K, V> newBase, Map<K, V> sliver, Settle<K, V> settle) {
        Map<K, V> merged = new LinkedHashMap<>();
        Set<K> keys = new LinkedHashSet<>(newBase.keySet());
        keys.addAll(sliver.keySet());
        for (K key : keys) {
            V before = oldBase.get(key);
            V base = newBase.get(key);
            V own = sliver.get(key);
            V value = conflicts(before, base, own)
                    ? settle.settle(key, before, base, own)
                    : sliverFirst(before, base, own);
            if (value != null) {
                merged.put(key, value);
            }
        }
        return merged;
    }

    /** Of sets: what either side added, without what either removed; in the new base's order, then the sliver's. */
    public static <V> List<V> set(List<V> oldBase, List<V> newBase, List<V> sliver) {
        Set<V> before = new LinkedHashSet<>(oldBase);
        Set<V> base = new LinkedHashSet<>(newBase);
        Set<V> own = new LinkedHashSet<>(sliver);
        Set<V> all = new LinkedHashSet<>(base);
        all.addAll(own);
        List<V> merged = new ArrayList<>();
        for (V value : all) {
            if (before.contains(value) ? base.contains(value) && own.contains(value) : true) {
                merged.add(value);
            }
        }
        return merged;
    }
}
