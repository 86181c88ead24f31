package dev.veneer.node.tree.rewrite;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.merge.MergeTree;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A base image's tree: what identifies a path is told by the manifest, only contents are read. */
public final class ManifestTree implements MergeTree, AutoCloseable {
    private final BaseRecords records;
    private final OpenTree tree;

    /** @param root of the tree, open; stays the caller's */
    public ManifestTree(LinuxCalls calls, BaseRecords records, int root) {
        this.records = records;
        this.tree = new OpenTree(calls, root);
    }

    @Override
    public @Nullable Identity find(Bytes path) throws LinuxException, NodeException {
        ManifestEntry entry = records.find(path.array());
        return entry == null ? null : entry.identity();
    }

    @Override
    public Bytes content(Bytes path, int limit) throws LinuxException, NodeException {
        try {
            return tree.content(path, limit);
        } catch (NodeException e) {
            throw damaged(e);
        }
    }

    @Override
    public Bytes digest(Bytes path, MessageDigest algorithm) throws LinuxException, NodeException {
        try {
            return tree.digest(path, algorithm);
        } catch (NodeException e) {
            throw damaged(e);
        }
    }

    /** Nobody changes a base. */
    private static NodeException damaged(NodeException e) {
        return new NodeException(
                Reason.Damaged,
                Follow.STALLED,
                "a base image is not as its manifest says, " + e.getMessage() + ": see veneer store check --contents",
                e);
    }

    @Override
    public List<Bytes> names(Bytes directory) throws LinuxException, NodeException {
        return records.names(directory.array());
    }

    @Override
    public void close() {
        tree.close();
    }
}
