package dev.veneer.node.execute;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.Digest;
import dev.veneer.node.tree.ManifestReader;
import dev.veneer.node.tree.rebase.BaseDifference;
import dev.veneer.node.tree.rewrite.BaseLinks;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What whole manifests have to be read for, worked out once for all slivers: in what two bases differ, and which files of
 * one have several paths. Without it the cost of a move or a compaction would grow with the base. Bounded, and
 * thread-safe; who waits for another's reading of the same manifests would have to read them too.
 */
public final class KnownBases {
    /** Each takes some hundred bytes for a path in which the bases differ. */
    private static final int MOST_PAIRS = 4;

    private static final int MOST_BASES = 8;

    /** A Debian has some hundred; a base made to have a million must not stay in the memory of an idle agent. */
    private static final int MOST_LINKS = 10_000;

    private record Pair(Digest from, Digest to) {}

    private final Map<Pair, BaseDifference> differences = new LinkedHashMap<>();
    private final Map<Digest, BaseLinks> links = new LinkedHashMap<>();

    /** The difference of two bases that are open. */
    synchronized BaseDifference between(Digest from, OpenBase old, Digest to, OpenBase renewed)
            throws LinuxException, NodeException {
        Pair pair = new Pair(from, to);
        BaseDifference difference = differences.get(pair);
        if (difference == null) {
            difference = BaseDifference.between(
                    old.records().manifest(), renewed.records().manifest());
            keep(differences, MOST_PAIRS, pair, difference);
        }
        return difference;
    }

    /** The hard links of a base. */
    synchronized BaseLinks links(Digest base, ManifestReader manifest) throws LinuxException, NodeException {
        BaseLinks known = links.get(base);
        if (known == null) {
            known = BaseLinks.of(manifest);
            if (known.paths() <= MOST_LINKS) {
                keep(links, MOST_BASES, base, known);
            }
        }
        return known;
    }

    private static <K, V> void keep(Map<K, V> known, int most, K key, V value) {
        if (known.size() == most) {
            Iterator<K> oldest = known.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
        known.put(key, value);
    }
}
