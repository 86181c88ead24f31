package dev.veneer.node.tree.rebase;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.ViewPath;
import dev.veneer.node.tree.rewrite.ViewVisitor;

/**
 * Strategy PreserveView, beforehand: what a layer has to hold at most so that its view stays over another base, by what
 * it holds and by the manifests alone. The view itself is only mounted when nothing uses it any more.
 */
public final class PreservedLayer implements ViewVisitor {
    private final BaseRecords newBase;
    private long paths;
    private long bytes;

    /** Of one sliver, whose layer is read against its old base. */
    public PreservedLayer(BaseRecords newBase, BaseDifference difference) {
        this.newBase = newBase;
        this.paths = difference.changed().size() + difference.timesOnly();
        this.bytes = difference.oldBytes();
    }

    /** How many paths it holds. */
    public long paths() {
        return paths;
    }

    /** Bytes that the files among them take of the disk. */
    public long bytes() {
        return bytes;
    }

    @Override
    public void present(ViewPath path) throws LinuxException, NodeException {
        // Read now rather than when the sliver is down: what cannot be read is found here.
        path.isAsInBase();
        ManifestEntry old = path.base();
        ManifestEntry now = newBase.find(path.path());
        if (old == null || (now != null && now.identity().equals(old.identity()))) {
            paths++;
        } else if (old.firstLink().isEmpty()) {
            // The bases differ in it, so it counts already, with the old base's bytes.
            bytes -= old.identity().size();
        }
        bytes += path.allocated();
    }

    @Override
    public void absent(ManifestEntry record) throws LinuxException, NodeException {
        ManifestEntry now = newBase.find(record.path().array());
        if (now != null && now.identity().equals(record.identity())) {
            paths++;
        }
    }

    @Override
    public void leave(byte[] directory) {
        // what is in it is told by itself
    }
}
