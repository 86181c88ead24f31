package dev.veneer.node.driver;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import org.jspecify.annotations.Nullable;

/** What the drivers have in common that keep a sliver's whole tree as one directory {@code tree} in its store. */
public final class WholeTree {
    /** The directory's name. */
    public static final String NAME = "tree";

    private WholeTree() {}

    /** Its path. */
    public static String path(WritableStore store) {
        return store.path() + "/" + NAME;
    }

    /** The failure of {@code inspect} when it is not as it must be. */
    public static NodeException damaged(WritableStore store, String what, @Nullable Throwable cause) {
        NodeException damaged = new NodeException(
                Reason.Damaged,
                Follow.STALLED,
                path(store) + " " + what + ", but it holds everything of sliver " + store.sliver()
                        + "; restore it from a backup, or change spec.instanceSerial to begin anew");
        if (cause != null) {
            damaged.initCause(cause);
        }
        return damaged;
    }
}
