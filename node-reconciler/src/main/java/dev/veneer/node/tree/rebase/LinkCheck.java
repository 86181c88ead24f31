package dev.veneer.node.tree.rebase;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.rewrite.InodePairs;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether paths that are to be hard links of one file are, and no others. */
final class LinkCheck implements AutoCloseable {
    /** In the place of a device, of which there is none with this number: groups of the new base. */
    private static final long BASE = -1;

    private final InodePairs pairs;
    private final Map<Bytes, Long> based = new HashMap<>();

    /** @param scratchDirectory a directory of ours where scratch files may be made */
    LinkCheck(LinuxCalls calls, int scratchDirectory) {
        this.pairs = new InodePairs(calls, scratchDirectory);
    }

    /** A group. */
    record Group(long device, long number) {}

    /** The group of a file of the sliver's old revision; null when it has one name. */
    static @Nullable Group held(Statx stat) {
        return stat.nlink <= 1 ? null : new Group(stat.dev(), stat.ino);
    }

    /** A group of the new base, of which there are only as many as the base has. */
    Group based(Bytes first) {
        return new Group(BASE, based.computeIfAbsent(first, unused -> based.size() + 1L));
    }

    /** Whether a path is in its group and in no other, as far as those that were met before tell. */
    boolean isRight(Statx found, Group group) throws LinuxException {
        return pairs.met(group.device, group.number, found);
    }

    @Override
    public void close() {
        pairs.close();
    }
}
