package dev.veneer.node.tree.rebase;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.Recipe;
import dev.veneer.node.tree.rewrite.Steps;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether a plan can be carried out at all: each step in its place, in a directory that there will be, and made as its
 * kind is made. What fails here is a fault of Veneer, and is found before a sliver is stopped for it.
 */
final class PlanCheck implements Steps.Visitor {
    private final BaseRecords newBase;
    private final Map<Bytes, Recipe> recipes;
    private byte @Nullable [] last;
    /** The last step's path that nothing may lie below. */
    private byte @Nullable [] ended;
    /** The last directory that a step makes, or that was found in the new base. */
    private byte[] made = PathBytes.EMPTY;

    private long used;

    private PlanCheck(BaseRecords newBase, Map<Bytes, Recipe> recipes) {
        this.newBase = newBase;
        this.recipes = recipes;
    }

    /** @throws NodeException {@code VerifyFailed} when it cannot */
    static void require(Steps steps, Map<Bytes, Recipe> recipes, BaseRecords newBase)
            throws LinuxException, NodeException {
        PlanCheck check = new PlanCheck(newBase, recipes);
        steps.forEach(check);
        if (check.used != recipes.size()) {
            throw fault("something is to be made that no step speaks of");
        }
    }

    @Override
    public void step(Steps.Kind kind, byte[] path) throws LinuxException, NodeException {
        if (last != null && TreePath.compare(last, path) >= 0) {
            throw fault(path, "comes after " + TreePath.show(last));
        }
        last = path;
        if (ended != null && TreePath.isBelow(path, ended)) {
            throw fault(path, "lies below " + TreePath.show(ended) + ", which is no directory");
        }
        byte[] parent = TreePath.parent(path);
        boolean known = TreePath.isAtOrBelow(made, parent);
        if (path.length > 0 && !known && !newBase.isDirectory(parent)) {
            throw fault(path, "lies in a directory that nobody makes");
        }
        Recipe recipe = recipes.get(Bytes.wrap(path));
        used += recipe == null ? 0 : 1;
        boolean fits =
                switch (kind) {
                    case DIRECTORY -> recipe instanceof Recipe.Described;
                    case FILE -> !(recipe instanceof Recipe.Described);
                    case DELETE -> recipe == null && newBase.find(path) != null;
                    case SAME -> false;
                };
        if (!fits) {
            throw fault(path, "cannot be made as was decided: " + kind);
        }
        if (kind == Steps.Kind.DIRECTORY) {
            made = path;
        } else {
            ended = path;
            made = parent;
        }
    }

    private static NodeException fault(byte[] path, String what) {
        return fault(TreePath.show(path) + " " + what);
    }

    private static NodeException fault(String what) {
        return new NodeException(
                Reason.VerifyFailed,
                Follow.STALLED,
                "what was decided cannot be carried out, which is a fault of Veneer; please report it: " + what);
    }
}
