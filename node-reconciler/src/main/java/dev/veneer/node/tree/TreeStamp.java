package dev.veneer.node.tree;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Instant;

/**
 * Tells whether a tree was changed while it was read: a digest of every path's inode, size and change time, which every
 * change moves and nobody can set back.
 *
 * @param digest of all of it
 * @param newest the latest change time of all
 */
public record TreeStamp(Bytes digest, Instant newest) {

    /** The stamp of the tree below an open directory, which stays the caller's. Opens no file. */
    public static TreeStamp of(LinuxCalls calls, int root) throws LinuxException, NodeException {
        MessageDigest sha256 = ContentHasher.sha256();
        ByteBuffer numbers = ByteBuffer.allocate(44);
        long[] newest = {Long.MIN_VALUE, 0};
        new TreeWalker(calls, TreeLimits.DEFAULT).walk(root, entry -> {
            Statx stat = entry.stat();
            numbers.clear();
            numbers.putInt(entry.path().length).putLong(stat.dev()).putLong(stat.ino);
            numbers.putLong(stat.size).putInt(stat.mode).putLong(stat.ctimeSec).putInt(stat.ctimeNsec);
            sha256.update(entry.path());
            sha256.update(numbers.flip());
            if (stat.ctimeSec > newest[0] || (stat.ctimeSec == newest[0] && stat.ctimeNsec > newest[1])) {
                newest[0] = stat.ctimeSec;
                newest[1] = stat.ctimeNsec;
            }
            return true;
        });
        return new TreeStamp(Bytes.wrap(sha256.digest()), Instant.ofEpochSecond(newest[0], newest[1]));
    }
}
