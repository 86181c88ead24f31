package dev.veneer.node.desired;

import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredStore;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One object that a source declares.
 *
 * @param ref which object
 * @param where file, line and column
 * @param content what it says; null when it is wrong
 * @param problems why it is wrong, and notices
 * @param identity which object it is, where the source knows
 * @param fate whether somebody deleted it
 */
record ReadObject(
        ObjectRef ref,
        String where,
        @Nullable Content content,
        List<Problem> problems,
        @Nullable DeclaredIdentity identity,
        Fate fate) {
    /** Of a file. */
    ReadObject(ObjectRef ref, String where, @Nullable Content content, List<Problem> problems) {
        this(ref, where, content, problems, null, Fate.STAYS);
    }

    ReadObject {
        problems = List.copyOf(problems);
    }

    /** What an object says. */
    sealed interface Content {}

    /**
     * A sliver.
     *
     * @param nodeName the node that it is for
     */
    record OfSliver(DesiredSliver sliver, String nodeName) implements Content {}

    /** A base image. */
    record OfImage(DesiredBaseImage image) implements Content {}

    /**
     * A node store.
     *
     * @param nodeName its node
     * @param path its directory
     * @param isDefault whether slivers that name no store go there
     * @param allowShrink whether its annotation lets sources lose many objects
     */
    record OfStore(DesiredStore store, String nodeName, String path, boolean isDefault, boolean allowShrink)
            implements Content {}
}
