package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.merge.MergeTree;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/** Whether a file still holds what its package says. */
final class Checksum {
    /** A larger file is not read for it: it counts as changed, so that nothing of its owner's is lost. */
    static final int LIMIT = 64 << 20;

    private Checksum() {}

    /**
     * Looks at a file.
     *
     * @param algorithm as {@link MessageDigest} calls it
     * @param digest in hexadecimal
     */
    static boolean matches(MergeTree tree, Bytes path, String algorithm, String digest)
            throws LinuxException, NodeException {
        Bytes actual = of(tree, path, algorithm);
        return actual != null && actual.hex().equals(digest);
    }

    /**
     * The same.
     *
     * @param digest as bytes, perhaps only the first ones
     */
    static boolean matches(MergeTree tree, Bytes path, String algorithm, Bytes digest)
            throws LinuxException, NodeException {
        Bytes actual = of(tree, path, algorithm);
        return actual != null
                && !digest.isEmpty()
                && digest.length() <= actual.length()
                && Octets.head(actual, digest.length()).equals(digest);
    }

    /** Null when the tree has no such file, or a larger one than is read. */
    private static @Nullable Bytes of(MergeTree tree, Bytes path, String algorithm)
            throws LinuxException, NodeException {
        Identity identity = tree.find(path);
        if (identity == null || identity.type() != FileType.REGULAR || identity.size() > LIMIT) {
            return null;
        }
        try {
            return tree.digest(path, MessageDigest.getInstance(algorithm));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
