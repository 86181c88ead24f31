package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.ReadingBudget;
import dev.veneer.node.tree.merge.MergeTree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which files of one tree's {@code info} directory are of which package. */
final class InfoFiles {
    private final Bytes directory;
    private final Map<PackageKey, List<Bytes>> names = new HashMap<>();

    /**
     * @param keys of the packages in the tree
     * @param nativeArchitecture of packages that are for all, and whose files' names have no architecture
     */
    InfoFiles(MergeTree tree, Bytes directory, Set<PackageKey> keys, String nativeArchitecture)
            throws LinuxException, NodeException {
        this.directory = directory;
        Map<String, PackageKey> byPrefix = new HashMap<>();
        for (PackageKey key : keys) {
            byPrefix.put(key.toString(), key);
            boolean preferred = key.architecture().equals(nativeArchitecture);
            if (preferred) {
                byPrefix.put(key.name(), key);
            } else {
                byPrefix.putIfAbsent(key.name(), key);
            }
        }
        ReadingBudget budget = ReadingBudget.of(tree);
        for (Bytes name : tree.names(directory)) {
            PackageKey key = byPrefix.get(prefix(name));
            if (key != null) {
                budget.keep(directory, name.length(), 1);
                names.computeIfAbsent(key, k -> new ArrayList<>()).add(name);
            }
        }
    }

    /** The part before the last dot: a package's name, which may hold dots, perhaps with an architecture. */
    static String prefix(Bytes name) {
        int dot = Octets.lastIndexOf(name, '.');
        return Octets.ascii(dot < 0 ? name : Octets.head(name, dot));
    }

    /** The paths of a package's files. */
    List<Bytes> paths(PackageKey key) {
        List<Bytes> paths = new ArrayList<>();
        for (Bytes name : names.getOrDefault(key, List.of())) {
            paths.add(Octets.below(directory, name));
        }
        return paths;
    }

    /** The path of a package's file with this ending, or null. */
    @Nullable
    Bytes path(PackageKey key, String ending) {
        Bytes wanted = Octets.of(ending);
        for (Bytes name : names.getOrDefault(key, List.of())) {
            int dot = Octets.lastIndexOf(name, '.');
            if (dot >= 0 && Octets.tail(name, dot + 1).equals(wanted)) {
                return Octets.below(directory, name);
            }
        }
        return null;
    }
}
