package dev.veneer.node.tree.merge;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.Identity;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One of the three trees of a rebase, looked at by path. Paths are as in a manifest: components joined by slashes,
 * without a leading one, the root empty. Links are never followed, neither the last component nor one before it. Reads
 * only; not for several threads at once.
 */
public interface MergeTree {
    /**
     * What identifies a path, or null when the tree does not have it. The digest of a regular file's content is there
     * only where it can matter: where a tree that this one is compared with has a file of the same size at the path.
     * Elsewhere it is empty and the file is like no other, however large its owner made it.
     */
    @Nullable
    Identity find(Bytes path) throws LinuxException, NodeException;

    /**
     * A digest of a regular file's content, which is read for it; trees on a disk read it piece by piece.
     *
     * @param algorithm is asked for the digest
     * @return empty when the file grows while it is read
     * @throws NodeException {@code InUse}, to be tried again, when it is no longer a regular file
     */
    default Bytes digest(Bytes path, MessageDigest algorithm) throws LinuxException, NodeException {
        return Bytes.wrap(algorithm.digest(content(path, Integer.MAX_VALUE).array()));
    }

    /**
     * The content of a regular file.
     *
     * @param limit how many bytes at most
     * @throws NodeException {@code InUse}, to be tried again, when it is no longer a regular file of that size at most
     */
    Bytes content(Bytes path, int limit) throws LinuxException, NodeException;

    /** The names in a directory, sorted by their bytes; none when it is not a directory of the tree. */
    List<Bytes> names(Bytes directory) throws LinuxException, NodeException;
}
