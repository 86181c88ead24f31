package dev.veneer.node.tree.rewrite;

import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.TreeWalker;

/** Whether a regular file of a view, which has the metadata and the size of the base's, has its content too. */
@FunctionalInterface
interface SameContent {
    /** A guess for estimates: an equal time to the nanosecond and an equal size are taken for an equal content. */
    SameContent ASSUMED = (entry, record) -> true;

    boolean test(TreeWalker.Entry entry, ManifestEntry record) throws LinuxException;
}
