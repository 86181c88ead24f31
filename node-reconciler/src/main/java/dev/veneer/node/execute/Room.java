package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.ProbeDirectory;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.store.StoreLayout;
import dev.veneer.node.tree.BlockSharing;
import dev.veneer.node.tree.SafeOpen;

/** Whether what is to be written fits on the store's file system, and by how much it does not. */
final class Room {
    private final LinuxCalls calls;
    private final StoreLayout layout;
    private final long minFree;

    Room(NodeTools tools) {
        this.calls = tools.calls();
        this.layout = tools.store().layout();
        this.minFree = tools.settings().minFreeBytes();
    }

    /** Bytes that may be written to the store's file system. */
    long free() throws LinuxException {
        try (Fd scratch = new Fd(calls, new SafeOpen(calls).ownDirectory(layout.absoluteScratch()))) {
            return calls.fstatfs(scratch.number()).availableBytes();
        }
    }

    /**
     * Refuses to begin what does not fit beside {@code reserve.minFree}. Where files can share their blocks nothing is
     * refused, since copies cost next to nothing there.
     *
     * @param what is done, such as {@code moving it to web-2}
     * @param bytes that have to be written
     * @throws NodeException {@code LowSpace} with how many bytes are missing
     */
    void require(String what, long bytes) throws LinuxException, NodeException {
        long free = free();
        long missing = bytes - (free - minFree);
        if (bytes > 0 && missing > 0 && !sharesBlocks()) {
            throw new NodeException(
                    Reason.LowSpace,
                    Follow.WAIT,
                    what + " has to write " + bytes + " bytes, and " + missing + " of them are missing: " + free
                            + " are free in " + layout.absoluteScratch() + ", and NodeStore.spec.reserve.minFree is "
                            + minFree + "; nothing was changed, and it goes on when there is room");
        }
    }

    private boolean sharesBlocks() throws LinuxException, NodeException {
        try (ProbeDirectory probe = new ProbeDirectory(calls, layout.absoluteScratch(), "room")) {
            return BlockSharing.works(calls, probe.fd());
        } catch (LinuxException e) {
            if (isFull(e)) {
                return false;
            }
            throw e;
        }
    }

    static boolean isFull(LinuxException e) {
        return e.is(Errno.ENOSPC, Errno.EDQUOT);
    }

    /**
     * That it ran out of space in the middle.
     *
     * @param bytes that had to be written
     * @param free that there were when it began
     */
    static NodeException ranOut(String what, long bytes, long free, LinuxException e) {
        long missing = bytes - free;
        return new NodeException(
                Reason.LowSpace,
                Follow.WAIT,
                what + " ran out of space: " + bytes + " bytes have to be written, and " + free
                        + " were free when it began"
                        + (missing > 0
                                ? ", so that " + missing + " are missing"
                                : "; directories take room too, and perhaps others write there")
                        + ". It stays as it was; make room and it goes on",
                e);
    }
}
