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
import org.jspecify.annotations.Nullable;

/**
 * What whole manifests have to be read for, worked out once for all slivers: in what two bases differ, and which files of
 * one have several paths. Without it the cost of a move or a compaction would grow with the base. Bounded, and
 * thread-safe.
 */
public final class KnownBases {
    /** Each takes some hundred bytes for a path in which the bases differ. */
    private static final int MOST_PAIRS = 4;

    private static final int MOST_BASES = 8;

    /** A Debian has some hundred; a base made to have a million must not stay in the memory of an idle agent. */
    private static final int MOST_LINKS = 10_000;

    private record Pair(Digest from, Digest to) {}

    /** A manifest that was written anew, as when a damaged base is imported again, is read again. */
    private record Version(Digest base, ManifestReader.Stamp manifest) {}

    private final Map<Pair, BaseDifference> differences = new LinkedHashMap<>();
    private final Map<Version, BaseLinks> links = new LinkedHashMap<>();

    /** The difference of two bases that are open. Many slivers that move at once wait for the one that works it out. */
    BaseDifference between(Digest from, OpenBase old, Digest to, OpenBase renewed)
            throws LinuxException, NodeException {
        Pair pair = new Pair(from, to);
        synchronized (differences) {
            BaseDifference difference = differences.get(pair);
            if (difference == null) {
                difference = BaseDifference.between(
                        old.records().manifest(), renewed.records().manifest());
                keep(differences, MOST_PAIRS, pair, difference);
            }
            return difference;
        }
    }

    /** The hard links of a base. Who asks for one that is not known waits for nobody: its container may be held still. */
    BaseLinks links(Digest base, ManifestReader manifest) throws LinuxException, NodeException {
        Version version = new Version(base, manifest.stamp());
        BaseLinks known = known(version);
        if (known == null) {
            known = BaseLinks.of(manifest);
            if (known.paths() <= MOST_LINKS) {
                synchronized (links) {
                    keep(links, MOST_BASES, version, known);
                }
            }
        }
        return known;
    }

    private @Nullable BaseLinks known(Version version) {
        synchronized (links) {
            return links.get(version);
        }
    }

    private static <K, V> void keep(Map<K, V> known, int most, K key, V value) {
        if (known.putIfAbsent(key, value) == null && known.size() > most) {
            Iterator<K> oldest = known.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }
}
