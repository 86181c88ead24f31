package dev.veneer.node.tree;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import java.util.Arrays;

/**
 * Reaches a path in a tree of our own that may be longer than the kernel takes at once (4096 bytes), a piece at a time.
 */
public final class LongPath {
    private static final int PIECE = 4000;
    private static final byte[] SELF = {'.'};

    private LongPath() {}

    /** What is done with the last name and the directory that holds it; the descriptor is closed afterwards. */
    @FunctionalInterface
    public interface Action {
        void run(int directory, byte[] name) throws LinuxException;
    }

    /**
     * Does something with a path.
     *
     * @param path relative to {@code root}; empty means the root itself, as {@code .} in it
     */
    public static void withParent(LinuxCalls calls, int root, byte[] path, Action action) throws LinuxException {
        int nameAt = TreePath.nameStart(path);
        byte[] name = path.length == 0 ? SELF : Arrays.copyOfRange(path, nameAt, path.length);
        int directory = root;
        try {
            int at = 0;
            while (at < nameAt) {
                int end = Math.min(at + PIECE, nameAt - 1);
                while (end < nameAt - 1 && path[end] != '/') {
                    end--;
                }
                byte[] piece = Arrays.copyOfRange(path, at, end);
                int next = calls.openat2(directory, piece, Abi.O_RDONLY | Abi.O_DIRECTORY, 0, SafeOpen.RESOLVE_NAME);
                if (directory != root) {
                    calls.close(directory);
                }
                directory = next;
                at = end + 1;
            }
            action.run(directory, name);
        } finally {
            if (directory != root) {
                calls.close(directory);
            }
        }
    }
}
