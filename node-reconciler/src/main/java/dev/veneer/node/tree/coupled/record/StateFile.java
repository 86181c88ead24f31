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
    public static final int LIMIT = 32 << 20;

    /** More than any real line: it is taken apart in memory. */
    static final int LONGEST_LINE = 1 << 20;

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
     * The lines of a text file, without their ends. They are kept within the tree's {@link ReadingBudget}.
     *
     * @throws MalformedState as {@link #each}, and when there are more than are kept
     */
    public static @Nullable List<Bytes> lines(MergeTree tree, Bytes path)
            throws LinuxException, NodeException, MalformedState {
        ReadingBudget budget = ReadingBudget.of(tree);
        List<Bytes> lines = new ArrayList<>();
        boolean there = each(tree, path, line -> {
            budget.keep(path, line.length(), 1);
            lines.add(line);
        });
        return there ? lines : null;
    }

    /** What is done with each line. */
    @FunctionalInterface
    public interface LineVisitor {
        void line(Bytes line) throws LinuxException, NodeException;
    }

    /**
     * Goes through the lines of a text file, without their ends; none of them is kept.
     *
     * @return whether there is such a file
     * @throws MalformedState as {@link #read}, and when it holds a NUL or its last line is cut short
     */
    public static boolean each(MergeTree tree, Bytes path, LineVisitor visitor) throws LinuxException, NodeException {
        Bytes content = read(tree, path);
        if (content == null) {
            return false;
        }
        byte[] all = content.array();
        int start = 0;
        for (int i = 0; i < all.length; i++) {
            if (all[i] == 0) {
                throw new MalformedState(path, "holds a NUL byte");
            }
            if (i - start > LONGEST_LINE) {
                throw new MalformedState(path, "has a line of more than " + LONGEST_LINE + " bytes");
            }
            if (all[i] == '\n') {
                visitor.line(Bytes.copy(all, start, i));
                start = i + 1;
            }
        }
        if (start < all.length) {
            throw new MalformedState(path, "ends in the middle of a line");
        }
        return true;
    }
}
