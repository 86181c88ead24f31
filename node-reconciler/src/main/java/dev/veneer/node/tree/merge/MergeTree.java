package dev.veneer.node.tree.merge;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.Identity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One of the three trees of a rebase, looked at by path. Paths are as in a manifest: components joined by slashes,
 * without a leading one, the root empty. Links are never followed, neither the last component nor one before it. Reads
 * only; not for several threads at once.
 */
public interface MergeTree {
    /**
     * What identifies a path, or null when the tree does not have it.
     */
    @Nullable
    Identity find(Bytes path) throws LinuxException, NodeException;

    /**
     * The content of a regular file.
     *
     * @param limit how many bytes at most
     * @throws NodeException {@code ContentRefused} when it is larger, or is not a regular file
     */
    Bytes content(Bytes path, int limit) throws LinuxException, NodeException;

    /** The names in a directory, sorted by their bytes; none when it is not a directory of the tree. */
    List<Bytes> names(Bytes directory) throws LinuxException, NodeException;
}
