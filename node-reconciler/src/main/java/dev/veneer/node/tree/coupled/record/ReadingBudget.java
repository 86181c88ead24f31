package dev.veneer.node.tree.coupled.record;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.merge.MergeTree;

/**
 * How much one merger reads and keeps, of all three trees together. Who owns a sliver decides how long its files are and
 * how many paths they name; without a limit one of them could take all memory of the node's agent, or all of its time.
 * The limits are several times what the largest real systems need; beyond them a state counts as malformed.
 */
public final class ReadingBudget {
    /** Bytes of memory that records take which are kept until all is decided. */
    static final long MEMORY = 128L << 20;

    /** Bytes of state files. */
    static final long TEXT = 1L << 30;

    /** Bytes of files whose digests are looked at. */
    static final long CONTENT = 16L << 30;

    /** Paths that are looked up, and names in directories. */
    static final long PATHS = 2_000_000;

    /** What an object and its place in a table take beside its bytes. */
    private static final int OBJECT = 192;

    private long memory;
    private long text;
    private long content;
    private long paths;

    /** The one of a tree that is read within one; else a fresh one. */
    public static ReadingBudget of(MergeTree tree) {
        return tree instanceof LimitedTree limited ? limited.budget() : new ReadingBudget();
    }

    /**
     * Records are kept.
     *
     * @param path of the file that has them
     * @param bytes of theirs, all together
     * @param objects how many there are, roughly
     */
    public void keep(Bytes path, long bytes, long objects) throws MalformedState {
        memory += bytes + objects * OBJECT;
        require(memory <= MEMORY, path, "has more records, with what was read before, than are kept in memory");
    }

    void read(Bytes path, long bytes) throws MalformedState {
        text += bytes;
        require(text <= TEXT, path, "is, with what was read before, longer than is read");
    }

    void digest(Bytes path, long bytes) throws MalformedState {
        content += bytes;
        require(content <= CONTENT, path, "is, with what was looked at before, larger than is looked at");
    }

    void paths(Bytes path, long count) throws MalformedState {
        paths += count;
        require(paths <= PATHS, path, "is one of more paths than are looked at");
    }

    private static void require(boolean enough, Bytes path, String what) throws MalformedState {
        if (!enough) {
            throw new MalformedState(path, what);
        }
    }
}
