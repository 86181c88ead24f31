package dev.veneer.node.tree.rebase;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.Recipe;
import dev.veneer.node.tree.rewrite.Steps;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Lays the sliver's own versions of paths aside, in the sliver, in a directory that is not there yet. What it needs on
 * the way there is made; where the owner has something else in place of a directory, it cannot be.
 */
final class Aside {
    private static final byte[] PLACE = PathBytes.of("var/lib/veneer/displaced");

    private final BaseRecords newBase;
    private final Map<Bytes, Recipe> recipes;
    private final Notes notes;
    private final SortedMap<byte[], Steps.Kind> extra = new TreeMap<>(TreePath::compare);
    /** Steps that are there already, of the place and the directories above it. */
    private final Map<Bytes, Steps.Kind> there = new HashMap<>();
    /** Names that are in use in the place. */
    private final Set<Bytes> used = new HashSet<>();

    /** @param recipes of all steps, gets those of the new ones */
    Aside(BaseRecords newBase, Map<Bytes, Recipe> recipes, Notes notes) {
        this.newBase = newBase;
        this.recipes = recipes;
        this.notes = notes;
    }

    /**
     * The steps with those that lay the noted paths aside.
     *
     * @param steps all others
     * @param revision the new one's number
     */
    Steps among(Steps steps, int revision) throws LinuxException, NodeException {
        List<byte[]> paths = notes.displaced();
        if (paths.isEmpty()) {
            return steps;
        }
        steps.forEach((kind, path) -> {
            if (TreePath.isAtOrBelow(PLACE, path)) {
                there.put(Bytes.wrap(path), kind);
            } else if (TreePath.isBelow(path, PLACE)) {
                used.add(Bytes.wrap(TreePath.namesBetween(PLACE, path).get(0)));
            }
        });
        if (!openPlace()) {
            return steps;
        }
        used.addAll(newBase.names(PLACE));
        byte[] directory = TreePath.join(PLACE, unused(Integer.toString(revision)));
        for (byte[] path : paths) {
            byte[] to = TreePath.join(directory, path);
            for (byte[] above = TreePath.parent(to);
                    !Arrays.equals(above, PLACE) && !extra.containsKey(above);
                    above = TreePath.parent(above)) {
                make(above, closed());
            }
            extra.put(to, Steps.Kind.FILE);
            recipes.put(Bytes.wrap(to), new Recipe.Moved(Bytes.wrap(path)));
        }
        return steps.with(extra);
    }

    private byte[] unused(String revision) {
        byte[] name = PathBytes.of(revision);
        for (int i = 2; used.contains(Bytes.wrap(name)); i++) {
            name = PathBytes.of(revision + "." + i);
        }
        return name;
    }

    /** Makes sure that the place is a directory; whether it can be. */
    private boolean openPlace() throws LinuxException, NodeException {
        byte[] at = PathBytes.EMPTY;
        boolean emptied = false;
        for (byte[] name : TreePath.namesBetween(at, PLACE)) {
            byte[] next = TreePath.join(at, name);
            if (emptied) {
                leaveOutOthers(at, name);
            }
            ManifestEntry record = newBase.find(next);
            Steps.Kind kind = there.get(Bytes.wrap(next));
            boolean occupied = kind == null && !emptied && record != null && !FileTable.isDirectory(record);
            if (kind == Steps.Kind.FILE || occupied) {
                notes.refuse(
                        next,
                        "is no directory, so that what the new base replaces cannot be laid aside at "
                                + TreePath.show(PLACE) + "; remove it, or let the sliver's versions be kept");
                return false;
            }
            emptied |= kind == Steps.Kind.DELETE;
            if (kind != Steps.Kind.DIRECTORY && (emptied || record == null)) {
                make(next, record != null && FileTable.isDirectory(record) ? record.identity() : closed());
            }
            at = next;
        }
        if (emptied) {
            leaveOutOthers(at, PathBytes.EMPTY);
        }
        return true;
    }

    /** What the owner deleted with a directory stays so when that has to come back. */
    private void leaveOutOthers(byte[] directory, byte[] name) throws LinuxException, NodeException {
        for (Bytes other : newBase.names(directory)) {
            if (!Arrays.equals(other.array(), name)) {
                extra.put(TreePath.join(directory, other.array()), Steps.Kind.DELETE);
            }
        }
    }

    private void make(byte[] directory, Identity identity) {
        extra.put(directory, Steps.Kind.DIRECTORY);
        recipes.putIfAbsent(Bytes.wrap(directory), new Recipe.Described(identity));
    }

    /** What is laid aside is for root alone. */
    private static Identity closed() {
        return new Identity(FileType.DIRECTORY, 0700, 0, 0, 0, 0, 0, List.of(), 0, Bytes.EMPTY, Bytes.EMPTY, 0, 0);
    }
}
