package dev.veneer.node.tree.rewrite;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.LayerEntry;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.merge.MergeTree;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An overlay's view, looked at by path, from the upper directory and its base; nothing is mounted for it. What the upper
 * directory does not have is not looked at twice.
 */
public final class LayeredTree implements MergeTree, AutoCloseable {
    /** What the upper directory says of a path. */
    private enum Where {
        /** Nothing: it is as the base has it. */
        BASE,
        /** It has it. */
        UPPER,
        /** The view does not have it. */
        NOWHERE
    }

    private final MergeTree base;
    private final OpenTree upper;
    private final Map<Bytes, Where> directories = new Recent<>();
    private final Map<Bytes, Boolean> hidden = new Recent<>();
    private final Map<Bytes, Identity> known = new Recent<>();

    /**
     * A view.
     *
     * @param renewed what it is compared with besides its base
     * @param upper the upper directory, open; stays the caller's
     */
    public LayeredTree(LinuxCalls calls, MergeTree base, MergeTree renewed, int upper) {
        this.base = base;
        this.upper = new OpenTree(calls, upper, true, List.of(base, renewed));
    }

    @Override
    public @Nullable Identity find(Bytes path) throws LinuxException, NodeException {
        Identity before = known.get(path);
        if (before != null) {
            return before;
        }
        byte[] bytes = path.array();
        LayerEntry[] found = new LayerEntry[1];
        return switch (where(bytes, found)) {
            case BASE -> base.find(path);
            case NOWHERE -> null;
            case UPPER -> {
                Identity identity = upper.compared(path, found[0].identity());
                known.put(path, identity);
                yield identity;
            }
        };
    }

    /**
     * Where a path is seen.
     *
     * @param found receives what the upper directory has there
     */
    private Where where(byte[] path, LayerEntry[] found) throws LinuxException, NodeException {
        Where above = path.length == 0 ? Where.UPPER : directory(TreePath.parent(path));
        if (above != Where.UPPER) {
            return above;
        }
        LayerEntry entry = upper.look(path);
        if (entry == null) {
            return isHidden(TreePath.parent(path)) ? Where.NOWHERE : Where.BASE;
        }
        if (entry.borrows()) {
            throw new NodeException(
                    Reason.Damaged,
                    Follow.STALLED,
                    TreePath.show(path)
                            + " was written by an overlay with other options: it takes content or names from"
                            + " another place",
                    new ForeignLayerException(path));
        }
        if (isWhiteout(entry.identity())) {
            return Where.NOWHERE;
        }
        found[0] = entry;
        return Where.UPPER;
    }

    private static boolean isWhiteout(Identity identity) {
        return identity.type() == FileType.CHARACTER_DEVICE
                && identity.deviceMajor() == 0
                && identity.deviceMinor() == 0;
    }

    /** Where the directory of a path is seen: in the upper directory, where each of those above it is one too. */
    private Where directory(byte[] path) throws LinuxException, NodeException {
        Bytes key = Bytes.wrap(path);
        Where known = directories.get(key);
        if (known == null) {
            LayerEntry[] found = new LayerEntry[1];
            known = where(path, found);
            if (known == Where.UPPER && found[0].identity().type() != FileType.DIRECTORY) {
                known = Where.NOWHERE;
            }
            directories.put(key, known);
        }
        return known;
    }

    /** Whether nothing of the base is seen in a directory of the upper one. */
    private boolean isHidden(byte[] path) throws LinuxException, NodeException {
        Bytes key = Bytes.wrap(path);
        Boolean known = hidden.get(key);
        if (known == null) {
            known = hides(path) || (path.length > 0 && isHidden(TreePath.parent(path)));
            hidden.put(key, known);
        }
        return known;
    }

    /** The same, whatever the directories above it hide. */
    private boolean hides(byte[] path) throws LinuxException, NodeException {
        LayerEntry entry = upper.look(path);
        if (entry != null && entry.opaque()) {
            return true;
        }
        Identity below = base.find(Bytes.wrap(path));
        return below == null || below.type() != FileType.DIRECTORY;
    }

    @Override
    public Bytes content(Bytes path, int limit) throws LinuxException, NodeException {
        return switch (where(path.array(), new LayerEntry[1])) {
            case BASE -> base.content(path, limit);
            case UPPER -> upper.content(path, limit);
            case NOWHERE -> throw OpenTree.changed(path, "is no longer there");
        };
    }

    @Override
    public Bytes digest(Bytes path, MessageDigest algorithm) throws LinuxException, NodeException {
        return switch (where(path.array(), new LayerEntry[1])) {
            case BASE -> base.digest(path, algorithm);
            case UPPER -> upper.digest(path, algorithm);
            case NOWHERE -> throw OpenTree.changed(path, "is no longer there");
        };
    }

    @Override
    public List<Bytes> names(Bytes directory) throws LinuxException, NodeException {
        return switch (directory(directory.array())) {
            case BASE -> base.names(directory);
            case NOWHERE -> List.of();
            case UPPER -> {
                TreeSet<Bytes> names = new TreeSet<>();
                if (!isHidden(directory.array())) {
                    names.addAll(base.names(directory));
                }
                for (Bytes name : upper.names(directory)) {
                    LayerEntry entry = upper.look(TreePath.join(directory.array(), name.array()));
                    if (entry == null || isWhiteout(entry.identity())) {
                        names.remove(name);
                    } else {
                        names.add(name);
                    }
                }
                yield List.copyOf(names);
            }
        };
    }

    @Override
    public void close() {
        upper.close();
    }
}
