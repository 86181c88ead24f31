package dev.veneer.node.tree.merge;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.Identity;

/** What a path is after a rebase. */
public sealed interface Outcome {
    /** As the new base has it, or absent where that has not got it. */
    record TakeNew() implements Outcome {}

    /** As the sliver has it, or absent where that has not got it. */
    record KeepSliver() implements Outcome {}

    /** Absent, whatever either side has. */
    record Absent() implements Outcome {}

    /**
     * A regular file with this content.
     *
     * @param content all of it
     * @param metadata owner, mode, attributes and time; its type is a regular file's, its content and size do not count
     */
    record Write(Bytes content, Identity metadata) implements Outcome {}

    /**
     * Content of one side with owner, mode and attributes of the other, where each changed only one of them.
     *
     * @param content whose content and time, {@link Side#SLIVER} or {@link Side#NEW_BASE}
     * @param metadata whose owner, mode, attributes and flags
     */
    record Mixed(Side content, Side metadata) implements Outcome {}
}
