package dev.veneer.node.tree.rewrite;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.ManifestReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The groups of hard links of a base with more than one path. Immutable; may be kept for as long as the base. */
public final class BaseLinks {
    private final Map<Bytes, List<Bytes>> groups;

    private BaseLinks(Map<Bytes, List<Bytes>> groups) {
        this.groups = groups;
    }

    /** Reads a manifest once. */
    public static BaseLinks of(ManifestReader manifest) throws LinuxException, NodeException {
        Map<Bytes, List<Bytes>> groups = new HashMap<>();
        ManifestReader.Cursor entries = manifest.entries();
        for (ManifestEntry entry = entries.next(); entry != null; entry = entries.next()) {
            if (!entry.firstLink().isEmpty()) {
                groups.computeIfAbsent(entry.firstLink(), first -> new ArrayList<>(List.of(first)))
                        .add(entry.path());
            }
        }
        return new BaseLinks(groups);
    }

    /** How many paths all groups have together. */
    public int paths() {
        return groups.values().stream().mapToInt(List::size).sum();
    }

    /** The first path of a record's group. */
    public static Bytes first(ManifestEntry entry) {
        return entry.firstLink().isEmpty() ? entry.path() : entry.firstLink();
    }

    /** How many paths a record's file has in the base. */
    public int count(ManifestEntry entry) {
        return Math.max(1, group(first(entry)).size());
    }

    /** The paths of a group by its first; none when that file has no other. */
    List<Bytes> group(Bytes first) {
        return groups.getOrDefault(first, List.of());
    }
}
