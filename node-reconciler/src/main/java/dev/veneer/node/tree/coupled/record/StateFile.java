package dev.veneer.node.tree.coupled.record;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.merge.MergeTree;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a file of records. */
public final class StateFile {
    /** More than any real database: the status of a Debian desktop has 5 MiB. */
    public static final int LIMIT = 64 << 20;

    private StateFile() {}

    /**
     * The content, or null when the tree does not have the file.
     *
     * @throws MalformedState when it is not a regular file, or larger than {@link #LIMIT}
     */
    public static @Nullable Bytes read(MergeTree tree, Bytes path)
            throws LinuxException, NodeException, MalformedState {
        Identity identity = tree.find(path);
        if (identity == null) {
            return null;
        }
        if (identity.type() != FileType.REGULAR) {
            throw new MalformedState(path, "is not a regular file");
        }
        if (identity.size() > LIMIT) {
            throw new MalformedState(path, "is larger than " + LIMIT + " bytes");
        }
        return tree.content(path, LIMIT);
    }

    /**
     * The lines of a text file, without their ends.
     *
     * @throws MalformedState as {@link #read}, and when it holds a NUL or its last line is cut short
     */
    public static @Nullable List<Bytes> lines(MergeTree tree, Bytes path)
            throws LinuxException, NodeException, MalformedState {
        Bytes content = read(tree, path);
        return content == null ? null : lines(path, content);
    }

    /** As {@link #lines(MergeTree, Bytes)}, of content that was read already. */
    public static List<Bytes> lines(Bytes path, Bytes content) throws MalformedState {
        byte[] all = content.array();
        List<Bytes> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < all.length; i++) {
            if (all[i] == 0) {
                throw new MalformedState(path, "holds a NUL byte");
            }
            if (all[i] == '\n') {
                lines.add(Bytes.copy(all, start, i));
                start = i + 1;
            }
        }
        if (start < all.length) {
            throw new MalformedState(path, "ends in the middle of a line");
        }
        return lines;
    }
}
