package dev.veneer.node.tree.rewrite;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.DirectoryStack;
import dev.veneer.node.tree.TreePath;
import java.util.ArrayDeque;
import java.util.Deque;

/** The way to one directory after another of a tree, in order, by as few steps as there are. */
final class Descent implements AutoCloseable {
    private final DirectoryStack stack;
    private final Deque<byte[]> paths = new ArrayDeque<>();

    /** @param root an open directory, which stays the caller's */
    Descent(LinuxCalls calls, int root) {
        this.stack = new DirectoryStack(calls, root);
    }

    /**
     * The directory that holds a path, open until the next call.
     *
     * @throws LinuxException {@code ENOENT}, {@code ENOTDIR} or {@code ELOOP} where the tree has no such directory
     */
    int parentOf(byte[] path) throws LinuxException {
        return directory(TreePath.parent(path));
    }

    /** A directory itself, open until the next call. */
    int directory(byte[] path) throws LinuxException {
        while (!paths.isEmpty() && !TreePath.isAtOrBelow(path, paths.peek())) {
            stack.pop();
            paths.pop();
        }
        byte[] at = paths.isEmpty() ? new byte[0] : paths.peek();
        for (byte[] name : TreePath.namesBetween(at, path)) {
            stack.push(name);
            at = TreePath.join(at, name);
            paths.push(at);
        }
        return stack.fd();
    }

    @Override
    public void close() {
        stack.close();
    }
}
