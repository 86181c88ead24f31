package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.merge.MergeTree;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Whether a file still holds what its package says. */
final class Checksum {
    /** A larger file is not read for it: it counts as changed, so that nothing of its owner's is lost. */
    static final int LIMIT = 64 << 20;

    private Checksum() {}

    /**
     * @param algorithm as {@link MessageDigest} calls it
     * @param digest in hexadecimal
     */
    static boolean matches(MergeTree tree, Bytes path, String algorithm, String digest)
            throws LinuxException, NodeException {
        Identity identity = tree.find(path);
        if (identity == null || identity.type() != FileType.REGULAR || identity.size() > LIMIT) {
            return false;
        }
        try {
            return tree.digest(path, MessageDigest.getInstance(algorithm)).hex().equals(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
