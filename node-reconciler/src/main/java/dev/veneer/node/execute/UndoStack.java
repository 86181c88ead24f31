package dev.veneer.node.execute;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What must be undone, in reverse, unless success is declared. Each undo is registered right after the effect that it
 * takes back.
 */
final class UndoStack implements AutoCloseable {
    /** Takes one effect back. */
    interface Undo {
        void run() throws LinuxException, NodeException;
    }

    private final Deque<Undo> undos = new ArrayDeque<>();

    void push(Undo undo) {
        undos.push(undo);
    }

    /** All went well: nothing is undone. */
    void succeeded() {
        undos.clear();
    }

    /** Undoes what is left; an undo that fails does not keep the others from being tried. */
    @Override
    public void close() throws NodeException {
        Exception first = null;
        while (!undos.isEmpty()) {
            try {
                undos.pop().run();
            } catch (LinuxException | NodeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first instanceof NodeException e) {
            throw e;
        }
        if (first instanceof LinuxException e) {
            throw Failures.of(e, "undoing a failed step");
        }
    }
}
