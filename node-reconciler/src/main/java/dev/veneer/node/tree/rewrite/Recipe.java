package dev.veneer.node.tree.rewrite;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.Identity;

/** How a path is made that is not simply as the source has it. */
public sealed interface Recipe {
    /** A directory described so. */
    record Described(Identity identity) implements Recipe {}

    /**
     * A regular file with this content.
     *
     * @param content all of it
     * @param identity owner, mode, attributes and time
     */
    record Content(Bytes content, Identity identity) implements Recipe {}

    /**
     * A file of one of the sources, described otherwise.
     *
     * @param from whose content
     * @param path where it lies there
     * @param identity owner, mode, attributes and time
     */
    record Copy(Place from, Bytes path, Identity identity) implements Recipe {}

    /**
     * What the sliver's store holds at another path, described as it is there.
     *
     * @param path where it lies
     */
    record Moved(Bytes path) implements Recipe {}

    /** Where a copied file comes from. */
    enum Place {
        /** What the sliver's store holds. */
        STORE,
        /** The tree of the base that the sliver stood on. */
        OLD_BASE,
        /** The tree of the base that it moves to. */
        NEW_BASE
    }
}
