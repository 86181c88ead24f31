package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.StateFile;
import dev.veneer.node.tree.merge.MergeTree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The packages that the owner asked for, in {@code etc/apk/world}.
 *
 * @param byName what is asked of each, in the file's order
 */
record ApkWorld(Map<String, List<ApkDependency>> byName) {
    static final Bytes PATH = Bytes.utf8("etc/apk/world");

    ApkWorld {
        byName = new LinkedHashMap<>(byName);
    }

    /** Of a tree; nothing when it does not have the file. */
    static ApkWorld read(MergeTree tree) throws LinuxException, NodeException, MalformedState {
        Map<String, List<ApkDependency>> byName = new LinkedHashMap<>();
        Bytes content = StateFile.read(tree, PATH);
        if (content != null) {
            for (ApkDependency asked : ApkDependency.parse(PATH, content)) {
                byName.computeIfAbsent(asked.name(), name -> new ArrayList<>()).add(asked);
            }
        }
        return new ApkWorld(byName);
    }

    /** All that is asked for. */
    List<ApkDependency> all() {
        return byName.values().stream().flatMap(List::stream).toList();
    }

    /** As a file. */
    Bytes text() {
        return Octets.ofLines(
                all().stream().map(asked -> Octets.ofAscii(asked.text())).toList());
    }
}
