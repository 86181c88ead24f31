package dev.veneer.node.tree.rewrite;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.ManifestReader;
import java.util.HashMap;
import java.util.Map;

/** The groups of hard links of a base with more than one path. Immutable; may be kept for as long as the base. */
public final class BaseLinks {
    private final Map<Bytes, Integer> counts;

    private BaseLinks(Map<Bytes, Integer> counts) {
        this.counts = counts;
    }

    /** Reads a manifest once. */
    public static BaseLinks of(ManifestReader manifest) throws LinuxException, NodeException {
        Map<Bytes, Integer> counts = new HashMap<>();
        ManifestReader.Cursor entries = manifest.entries();
        for (ManifestEntry entry = entries.next(); entry != null; entry = entries.next()) {
            if (!entry.firstLink().isEmpty()) {
                counts.merge(entry.firstLink(), 2, (count, two) -> count + 1);
            }
        }
        return new BaseLinks(counts);
    }

    /** The first path of a record's group. */
    static Bytes first(ManifestEntry entry) {
        return entry.firstLink().isEmpty() ? entry.path() : entry.firstLink();
    }

    /** How many paths a record's file has in the base. */
    public int count(ManifestEntry entry) {
        return counts.getOrDefault(first(entry), 1);
    }
}
