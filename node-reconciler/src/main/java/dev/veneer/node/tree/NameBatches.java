package dev.veneer.node.tree;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the names in a directory, some at a time, in its own order. It keeps nothing about the directory
 * between calls, so that a walk of any depth needs one.
 */
public final class NameBatches {
    private static final int BUFFER = 32 * 1024;
    /** Deeper than this, batches are small, so that what a walk keeps of each level stays little. */
    private static final int DEEP = 64;

    private static final int DEEP_BUFFER = 1024;
    /** In {@code linux_dirent64}: inode (8), offset (8), record length (2), type (1), then the name and a NUL. */
    private static final int RECORD_LENGTH_AT = 16;

    private static final int NAME_AT = 19;

    private final LinuxCalls calls;

    public NameBatches(LinuxCalls calls) {
        this.calls = calls;
    }

    /** Takes the names of a batch, in the directory's own order. */
    @FunctionalInterface
    public interface Names {
        void add(byte[] name);
    }

    /**
     * One {@code getdents64}: some of the names that follow the descriptor's position, without {@code .} and
     * {@code ..}.
     *
     * @param depth how deep in the tree the directory lies: far down, batches are smaller
     * @return false at the end of the directory
     */
    public boolean batch(int fd, int depth, Names into) throws LinuxException {
        List<byte[]> names = new ArrayList<>();
        ByteBuffer buffer = DirectoryNames.raw().limit(depth > DEEP ? DEEP_BUFFER : BUFFER);
        int length = calls.getdents64(fd, buffer);
        int at = 0;
        while (at < length) {
            int end = at + NAME_AT;
            while (buffer.get(end) != 0) {
                end++;
            }
            byte[] name = new byte[end - at - NAME_AT];
            for (int i = 0; i < name.length; i++) {
                name[i] = buffer.get(at + NAME_AT + i);
            }
            if (!isDots(name)) {
                names.add(name);
            }
            at += Short.toUnsignedInt(buffer.getShort(at + RECORD_LENGTH_AT));
        }
        // Who takes them may read other directories.
        names.forEach(into::add);
        return length > 0;
    }

    private static boolean isDots(byte[] name) {
        return name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
    }
}
