package dev.veneer.node.tree.rewrite;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.ManifestEntry;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Finds out what a store has to hold so that over the same base it gives the same view: all that differs from the base,
 * what is pinned, and the groups of hard links that the base cannot give.
 */
public final class Compaction implements ViewVisitor {
    private final BaseRecords base;
    private final Predicate<byte[]> pinned;
    private final Steps steps = new Steps();
    private final Tally tally = new Tally();
    private final LinkSets links;

    private Compaction(BaseRecords base, Predicate<byte[]> pinned, LinkSets links) {
        this.base = base;
        this.pinned = pinned;
        this.links = links;
    }

    /**
     * Reads a view.
     *
     * @param base what the new store lies over; the reader's own base, whatever the view was made over
     * @param pinned whether a path is held though it is as in the base
     * @param scratchDirectory a directory of ours where a scratch file may be made
     */
    public static Change of(
            LinuxCalls calls, ViewReader reader, BaseRecords base, Predicate<byte[]> pinned, int scratchDirectory)
            throws LinuxException, NodeException, ForeignLayerException {
        LinkSets links = new LinkSets(calls, scratchDirectory);
        boolean read = false;
        try {
            Compaction compaction = new Compaction(base, pinned, links);
            reader.read(compaction);
            read = true;
            return new Change(compaction.steps, Map.of(), links, compaction.tally);
        } finally {
            if (!read) {
                links.close();
            }
        }
    }

    @Override
    public void present(ViewPath path) throws LinuxException {
        boolean same = !pinned.test(path.path()) && path.isAsInBase();
        Statx stat = path.stat();
        if (stat.isDirectory()) {
            if (!same) {
                hold(Steps.Kind.DIRECTORY, path.path(), 0);
            }
            return;
        }
        long bytes = stat.blocks * 512;
        ManifestEntry record = path.base();
        if (stat.nlink > 1) {
            links.met(stat, same ? record : null, base.links());
            hold(same ? Steps.Kind.SAME : Steps.Kind.FILE, path.path(), bytes / stat.nlink);
        } else if (same && record != null && base.links().count(record) == 1) {
            tally.dropped(bytes);
        } else {
            hold(Steps.Kind.FILE, path.path(), bytes);
        }
    }

    @Override
    public void absent(ManifestEntry record) {
        hold(Steps.Kind.DELETE, record.path().array(), 0);
    }

    private void hold(Steps.Kind kind, byte[] path, long bytes) {
        steps.add(kind, path);
        tally.held(bytes);
    }
}
