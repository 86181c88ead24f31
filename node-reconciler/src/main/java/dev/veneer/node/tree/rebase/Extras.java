package dev.veneer.node.tree.rebase;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.coupled.Claim;
import dev.veneer.node.tree.merge.Outcome;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.Recipe;
import dev.veneer.node.tree.rewrite.Steps;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Steps of a rebase at paths where the sliver's store holds nothing: what mergers make there, and what is laid aside.
 */
final class Extras {
    private static final byte[] ASIDE = PathBytes.of("var/lib/veneer/displaced");

    private final BaseRecords oldBase;
    private final BaseRecords newBase;
    private final Map<Bytes, Recipe> recipes;
    private final Notes notes;
    private final SortedMap<byte[], Steps.Kind> steps = new TreeMap<>(TreePath::compare);

    Extras(BaseRecords oldBase, BaseRecords newBase, Map<Bytes, Recipe> recipes, Notes notes) {
        this.oldBase = oldBase;
        this.newBase = newBase;
        this.recipes = recipes;
        this.notes = notes;
    }

    SortedMap<byte[], Steps.Kind> steps() {
        return steps;
    }

    /** What mergers decided of paths that the sliver never wrote. */
    void claimed(List<Claim> claims) throws LinuxException, NodeException {
        for (Claim claim : claims) {
            byte[] path = claim.path().array();
            ManifestEntry renewed = newBase.find(path);
            notes.add(claim);
            if (claim.outcome() instanceof Outcome.Write write) {
                notes.written(write.content().length());
                file(path, new Recipe.Content(write.content(), write.metadata()));
            } else if (claim.outcome() instanceof Outcome.Absent) {
                delete(path, renewed != null);
            } else if (claim.outcome() instanceof Outcome.KeepSliver) {
                ManifestEntry old = oldBase.find(path);
                if (old == null) {
                    delete(path, renewed != null);
                } else if (renewed == null || !renewed.identity().equals(old.identity())) {
                    asBefore(path, old);
                }
            }
        }
    }

    private void asBefore(byte[] path, ManifestEntry old) throws LinuxException, NodeException {
        if (old.identity().type() == FileType.DIRECTORY) {
            directories(path, old.identity());
            steps.put(path, Steps.Kind.DIRECTORY);
            recipes.put(Bytes.wrap(path), new Recipe.Described(old.identity()));
        } else {
            notes.written(old.identity().size());
            file(path, new Recipe.Copy(Recipe.Place.OLD_BASE, Bytes.wrap(path), old.identity()));
        }
    }

    private void delete(byte[] path, boolean isThere) {
        // A directory goes with all that is in it; a step below it would bring it back. Claims come in order, it first.
        if (isThere && !isGone(TreePath.parent(path))) {
            steps.put(path, Steps.Kind.DELETE);
        }
    }

    private boolean isGone(byte[] directory) {
        for (byte[] above = directory; above.length > 0; above = TreePath.parent(above)) {
            if (steps.get(above) == Steps.Kind.DELETE) {
                return true;
            }
        }
        return false;
    }

    private void file(byte[] path, Recipe recipe) throws LinuxException, NodeException {
        directories(path, null);
        steps.put(path, Steps.Kind.FILE);
        recipes.put(Bytes.wrap(path), recipe);
    }

    /**
     * The sliver's own versions of paths that are taken from the base.
     *
     * @param revision the new one's number
     */
    void displaced(List<byte[]> paths, int revision) throws LinuxException, NodeException {
        byte[] directory = TreePath.join(ASIDE, PathBytes.of(Integer.toString(revision)));
        for (byte[] path : paths) {
            file(TreePath.join(directory, path), new Recipe.Moved(Bytes.wrap(path)));
        }
    }

    /** The directories above a path that the new base does not have: as the old one had them, else closed to others. */
    private void directories(byte[] path, @Nullable Identity like) throws LinuxException, NodeException {
        byte[] above = TreePath.parent(path);
        while (above.length > 0 && !newBase.isDirectory(above) && !steps.containsKey(above)) {
            ManifestEntry old = oldBase.find(above);
            boolean was = old != null && old.identity().type() == FileType.DIRECTORY;
            steps.put(above, Steps.Kind.DIRECTORY);
            recipes.putIfAbsent(
                    Bytes.wrap(above), new Recipe.Described(was && old != null ? old.identity() : closed(like)));
            above = TreePath.parent(above);
        }
    }

    private static Identity closed(@Nullable Identity like) {
        long seconds = like == null ? 0 : like.mtimeSec();
        return new Identity(
                FileType.DIRECTORY, 0700, 0, 0, seconds, 0, 0, List.of(), 0, Bytes.EMPTY, Bytes.EMPTY, 0, 0);
    }
}
