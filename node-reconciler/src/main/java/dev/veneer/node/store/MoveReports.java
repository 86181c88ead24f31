package dev.veneer.node.store;

import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.SliverId;

/**
 * Reports of moves, which lie beside slivers' records. Each is written before the record that names the move's revision,
 * and takes its place after that: so it never tells of a move that did not happen, and a kill in between loses nothing,
 * since the journal tells the next opener where to look.
 */
final class MoveReports {
    private final StoreFiles files;
    private final StoreLayout layout;

    MoveReports(StoreFiles files, StoreLayout layout) {
        this.files = files;
        this.layout = layout;
    }

    /** Writes one; made durable by the batch's wait for the disk. */
    void stage(SliverId id, byte[] report) throws LinuxException {
        files.write(unfinished(id), report, false);
    }

    /** Puts it in its place, durably: its revision is in force. */
    void publish(SliverId id) throws LinuxException {
        files.rename(unfinished(id), layout.rebaseReport(id), 0);
        files.syncDirectory(layout.sliver(id));
    }

    /** Throws it away: the move did not happen. */
    void discard(SliverId id) throws LinuxException {
        files.remove(unfinished(id));
    }

    /**
     * Ends what a kill left of one.
     *
     * @param inForce whether its revision is
     */
    void recover(SliverId id, boolean inForce) throws LinuxException {
        if (!files.exists(unfinished(id))) {
            return;
        }
        if (inForce) {
            publish(id);
        } else {
            discard(id);
        }
    }

    private String unfinished(SliverId id) {
        return layout.sliver(id) + "/" + StoreLayout.UNFINISHED + StoreLayout.REBASE_REPORT;
    }
}
