package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.StateFile;
import dev.veneer.node.tree.merge.MergeTree;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Names that one package has for itself, so that the files of all others that list them lie elsewhere. */
final class Diversions {
    static final Bytes PATH = Bytes.utf8("var/lib/dpkg/diversions");

    /** Who diverts, when it is no package but the administrator. */
    private static final Bytes LOCAL = Bytes.utf8(":");

    private final Map<Bytes, Diversion> byPath;

    /**
     * One of them.
     *
     * @param from path in the tree
     * @param to path in the tree
     * @param by name of the package whose own file stays at {@code from}
     */
    record Diversion(Bytes from, Bytes to, Bytes by) {}

    private Diversions(Map<Bytes, Diversion> byPath) {
        this.byPath = byPath;
    }

    static Diversions read(MergeTree tree) throws LinuxException, NodeException, MalformedState {
        List<Bytes> lines = StateFile.lines(tree, PATH);
        Map<Bytes, Diversion> byPath = new LinkedHashMap<>();
        if (lines == null) {
            return new Diversions(byPath);
        }
        if (lines.size() % 3 != 0) {
            throw new MalformedState(PATH, "ends in the middle of a diversion");
        }
        Set<Bytes> targets = new HashSet<>();
        for (int i = 0; i < lines.size(); i += 3) {
            Bytes from = OwnedPath.of(PATH, lines.get(i));
            Bytes to = OwnedPath.of(PATH, lines.get(i + 1));
            if (byPath.put(from, new Diversion(from, to, lines.get(i + 2))) != null || !targets.add(to)) {
                throw new MalformedState(PATH, "diverts " + from + " or to " + to + " twice");
            }
        }
        for (Bytes target : targets) {
            if (byPath.containsKey(target)) {
                throw new MalformedState(PATH, "diverts what is diverted already: " + target);
            }
        }
        return new Diversions(byPath);
    }

    Map<Bytes, Diversion> all() {
        return byPath;
    }

    /** Where a package's file lies. */
    Bytes actual(PackageKey owner, Bytes path) {
        Diversion diversion = byPath.get(path);
        return diversion == null || isBy(diversion, owner) ? path : diversion.to();
    }

    static boolean isBy(@Nullable Diversion diversion, PackageKey owner) {
        return diversion != null
                && !diversion.by().equals(LOCAL)
                && Octets.ascii(diversion.by()).equals(owner.name());
    }

    static Bytes text(Map<Bytes, Diversion> diversions) {
        List<Bytes> lines = new ArrayList<>();
        Bytes slash = Octets.of("/");
        for (Diversion diversion : diversions.values()) {
            lines.add(Octets.concat(slash, diversion.from()));
            lines.add(Octets.concat(slash, diversion.to()));
            lines.add(diversion.by());
        }
        return Octets.ofLines(lines);
    }
}
