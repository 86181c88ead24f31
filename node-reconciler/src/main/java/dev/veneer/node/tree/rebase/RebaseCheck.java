package dev.veneer.node.tree.rebase;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.ContentHasher;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.ManifestReader;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.merge.MergeTree;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.OpenTree;
import dev.veneer.node.tree.rewrite.Recipe;
import dev.veneer.node.tree.rewrite.Steps;
import dev.veneer.node.tree.rewrite.ViewDifference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the mounted view of a sliver that was moved, and compares it with what was decided, path by path: by what the
 * kernel shows, not by what the writer believes it wrote.
 */
public final class RebaseCheck {
    private static final int MOST = 20;

    private final RebasePlan plan;
    private final BaseRecords newBase;
    private final OpenTree held;
    private final Map<Recipe.Place, MergeTree> places;
    private final OpenTree after;
    private final boolean contents;
    private final Map<Bytes, Steps.Kind> kinds = new HashMap<>();
    private final List<ViewDifference> differences = new ArrayList<>();

    /**
     * A comparison.
     *
     * @param held what the sliver's old revision holds: an upper directory or a whole tree
     * @param old the old base
     * @param renewed the new base
     * @param after the new view, mounted
     * @param contents whether files are read; without, equal sizes are enough
     */
    public RebaseCheck(
            RebasePlan plan,
            BaseRecords newBase,
            OpenTree held,
            MergeTree old,
            MergeTree renewed,
            OpenTree after,
            boolean contents) {
        this.plan = plan;
        this.newBase = newBase;
        this.held = held;
        this.places = Map.of(Recipe.Place.STORE, held, Recipe.Place.OLD_BASE, old, Recipe.Place.NEW_BASE, renewed);
        this.after = after;
        this.contents = contents;
    }

    /** Looks at what was written, and at the paths in which the bases differ. */
    public List<ViewDifference> touched(BaseDifference difference) throws LinuxException, NodeException {
        steps();
        for (Bytes path : difference.changed()) {
            if (!kinds.containsKey(path)) {
                based(path, newBase.find(path.array()));
            }
        }
        return List.copyOf(differences);
    }

    /** Looks at everything. */
    public List<ViewDifference> whole() throws LinuxException, NodeException {
        steps();
        ManifestReader.Cursor entries = newBase.entries();
        for (ManifestEntry entry = entries.next(); entry != null; entry = entries.next()) {
            if (!kinds.containsKey(entry.path())) {
                based(entry.path(), entry);
            }
        }
        unexpected(Bytes.EMPTY);
        return List.copyOf(differences);
    }

    private void steps() throws LinuxException, NodeException {
        plan.steps().forEach((kind, path) -> kinds.put(Bytes.wrap(path.clone()), kind));
        for (Map.Entry<Bytes, Steps.Kind> step : kinds.entrySet()) {
            Bytes path = step.getKey();
            switch (step.getValue()) {
                case DELETE -> compare(path, null, null);
                case SAME -> {}
                case FILE, DIRECTORY -> written(path);
            }
        }
    }

    private void written(Bytes path) throws LinuxException, NodeException {
        Recipe recipe = plan.recipes().get(path);
        if (recipe instanceof Recipe.Described described) {
            compare(path, described.identity(), null);
        } else if (recipe instanceof Recipe.Content content) {
            Bytes digest =
                    Bytes.wrap(ContentHasher.sha256().digest(content.content().array()));
            compare(path, sized(content.identity(), content.content().length()), digest);
        } else if (recipe instanceof Recipe.Copy copy) {
            compare(path, copy.identity(), digest(places.get(copy.from()), copy.path(), copy.identity()));
        } else {
            Bytes from = recipe instanceof Recipe.Moved moved ? moved.path() : path;
            Identity identity = held.described(from.array());
            compare(path, identity, identity == null ? null : digest(held, from, identity));
        }
    }

    private static Identity sized(Identity identity, long size) {
        return new Identity(
                identity.type(),
                identity.permissions(),
                identity.uid(),
                identity.gid(),
                identity.mtimeSec(),
                identity.mtimeNsec(),
                identity.flags(),
                identity.xattrs(),
                size,
                Bytes.EMPTY,
                Bytes.EMPTY,
                0,
                0);
    }

    private @Nullable Bytes digest(@Nullable MergeTree tree, Bytes path, Identity identity)
            throws LinuxException, NodeException {
        if (!contents || identity.type() != FileType.REGULAR || tree == null) {
            return null;
        }
        Identity whole = tree.find(path);
        return whole == null ? null : whole.content();
    }

    /** A path without a step is as the new base has it, unless it lies below something that is no longer a directory. */
    private void based(Bytes path, @Nullable ManifestEntry entry) throws LinuxException, NodeException {
        byte[] above = path.array();
        while (above.length > 0) {
            above = TreePath.parent(above);
            Steps.Kind kind = kinds.get(Bytes.wrap(above));
            if (kind == Steps.Kind.DELETE || kind == Steps.Kind.FILE) {
                return;
            }
        }
        compare(path, entry == null ? null : entry.identity(), entry == null ? null : content(entry.identity()));
    }

    private static @Nullable Bytes content(Identity identity) {
        return identity.type() == FileType.REGULAR ? identity.content() : null;
    }

    /** Names that nobody decided on. */
    private void unexpected(Bytes directory) throws LinuxException, NodeException {
        for (Bytes name : after.names(directory)) {
            Bytes path = Bytes.wrap(TreePath.join(directory.array(), name.array()));
            if (!kinds.containsKey(path) && newBase.find(path.array()) == null) {
                differ(path, "should not be there");
            }
            Identity identity = after.described(path.array());
            if (identity != null && identity.type() == FileType.DIRECTORY) {
                unexpected(path);
            }
        }
    }

    /**
     * Compares.
     *
     * @param wanted what must be there, or null for nothing
     * @param digest of its content, or null when that is not looked at
     */
    private void compare(Bytes path, @Nullable Identity wanted, @Nullable Bytes digest)
            throws LinuxException, NodeException {
        if (differences.size() >= MOST) {
            return;
        }
        Identity found = after.described(path.array());
        if (wanted == null || found == null) {
            if (wanted != null || found != null) {
                differ(path, wanted == null ? "should not be there" : "is missing");
            }
            return;
        }
        boolean same = found.sameMetadata(wanted) && found.size() == wanted.size();
        if (!same) {
            differ(path, "is " + found + " and must be " + wanted);
        } else if (contents && digest != null && wanted.type() == FileType.REGULAR) {
            Identity whole = after.find(path);
            if (whole != null && !Objects.equals(whole.content(), digest)) {
                differ(path, "has another content");
            }
        }
    }

    private void differ(Bytes path, String what) {
        differences.add(new ViewDifference(path, what));
    }
}
