package dev.veneer.node.tree;

import java.util.EnumSet;
import java.util.Set;

/**
 * One path that a sliver's owner changed against the base.
 *
 * @param kind added, modified or deleted
 * @param path in the tree; the root is empty
 * @param type what it is now; of a deleted path, what it was
 * @param oldSize bytes of the base's file; 0 when there is none or it is not a regular file
 * @param newSize bytes of the view's file; 0 when there is none or it is not a regular file
 * @param aspects for a modified path, what differs; else empty
 */
public record ViewChange(Kind kind, Bytes path, FileType type, long oldSize, long newSize, Set<Aspect> aspects) {

    /** What happened to a path. */
    public enum Kind {
        ADDED('A'),
        MODIFIED('M'),
        DELETED('D');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }

        /** As {@code diff} prints it. */
        public char letter() {
            return letter;
        }
    }

    /** What of a path differs. */
    public enum Aspect {
        TYPE,
        CONTENT,
        MODE,
        OWNER,
        TIME,
        XATTRS,
        FLAGS
    }

    public ViewChange {
        // Not Set.copyOf: the order is that of the constants.
        aspects = aspects.isEmpty() ? Set.of() : EnumSet.copyOf(aspects);
    }
}
