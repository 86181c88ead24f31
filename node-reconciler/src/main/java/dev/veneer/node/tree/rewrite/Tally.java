package dev.veneer.node.tree.rewrite;

/** What a reader counted. Bytes are allocated ones, as the disk has them, not sizes. */
public final class Tally {
    private long heldPaths;
    private long heldBytes;
    private long droppedPaths;
    private long droppedBytes;

    void held(long bytes) {
        heldPaths++;
        heldBytes += bytes;
    }

    void dropped(long bytes) {
        droppedPaths++;
        droppedBytes += bytes;
    }

    /** Paths that the store has to hold. */
    public long heldPaths() {
        return heldPaths;
    }

    /** Their bytes. */
    public long heldBytes() {
        return heldBytes;
    }

    /** Paths that the store holds and need not. */
    public long droppedPaths() {
        return droppedPaths;
    }

    /** Their bytes. */
    public long droppedBytes() {
        return droppedBytes;
    }
}
