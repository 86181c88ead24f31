package dev.veneer.node.tree.rewrite;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.ManifestReader;
import dev.veneer.node.tree.TreePath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A base's manifest, asked for many paths that mostly come in its own order: near ones are found by going on, far ones
 * through the index. Not for several threads at once.
 */
public final class BaseRecords {
    private final ManifestReader manifest;
    private final BaseLinks links;
    private ManifestReader.@Nullable Cursor cursor;
    private @Nullable ManifestEntry at;
    private byte @Nullable [] before;

    /** @param links the same base's; may be shared */
    public BaseRecords(ManifestReader manifest, BaseLinks links) {
        this.manifest = manifest;
        this.links = links;
    }

    /** The record of a path, or null. */
    public @Nullable ManifestEntry find(byte[] path) throws LinuxException, NodeException {
        ManifestEntry entry = ceiling(path);
        return entry != null && Arrays.equals(entry.path().array(), path) ? entry : null;
    }

    /** Whether the base has a directory there. */
    public boolean isDirectory(byte[] path) throws LinuxException, NodeException {
        ManifestEntry entry = find(path);
        return entry != null && entry.identity().type() == FileType.DIRECTORY;
    }

    /** The first record of this path or one after it, or null. */
    public @Nullable ManifestEntry ceiling(byte[] path) throws LinuxException, NodeException {
        if (at != null && TreePath.compare(at.path().array(), path) >= 0) {
            if (Arrays.equals(at.path().array(), path) || (before != null && TreePath.compare(before, path) < 0)) {
                return at;
            }
            cursor = null;
        }
        if (cursor != null && !cursor.isFar(path)) {
            while (!step(path)) {
                // at most to the next entry of the index
            }
            return at;
        }
        cursor = manifest.near(path);
        at = null;
        before = null;
        while (!step(path)) {
            // at most one interval of the index
        }
        return at;
    }

    /** Goes on by one record; whether that reached the path or the end. */
    private boolean step(byte[] path) throws LinuxException, NodeException {
        before = at == null ? before : at.path().array();
        at = cursor == null ? null : cursor.next();
        if (at == null) {
            cursor = null;
            before = null;
            return true;
        }
        return TreePath.compare(at.path().array(), path) >= 0;
    }

    /** The names that the base has in a directory, sorted; none when it is none. */
    public List<Bytes> names(byte[] directory) throws LinuxException, NodeException {
        List<Bytes> names = new ArrayList<>();
        ManifestReader.Cursor entries = manifest.near(directory);
        int depth = TreePath.depth(directory) + 1;
        boolean inside = false;
        for (ManifestEntry entry = entries.next(); entry != null; entry = entries.next()) {
            byte[] path = entry.path().array();
            if (!inside) {
                int order = TreePath.compare(path, directory);
                if (order > 0) {
                    break;
                }
                inside = order == 0;
            } else if (!TreePath.isBelow(path, directory)) {
                break;
            } else if (TreePath.depth(path) == depth) {
                names.add(Bytes.wrap(TreePath.name(path)));
            }
        }
        return names;
    }

    /** The manifest itself, for those that read it from the beginning. */
    public ManifestReader manifest() {
        return manifest;
    }

    /** All records, in order. */
    public ManifestReader.Cursor entries() {
        return manifest.entries();
    }

    /** Which of the base's files have several names. */
    public BaseLinks links() {
        return links;
    }
}
