package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.ProbeDirectory;
import dev.veneer.node.driver.Usage;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.BlockSharing;

/** Whether there is room for a copy of a revision, which is told before anything of it is made. */
final class SpaceForCopy {
    private final NodeTools tools;

    SpaceForCopy(NodeTools tools) {
        this.tools = tools;
    }

    /**
     * Refuses, beside a sliver that may run, a copy that would leave less free than {@code reserve.minFree}. Where the file system shares blocks, a copy
     * takes next to nothing.
     *
     * @throws NodeException {@code LowSpace}
     */
    void require(Revision from) throws LinuxException, NodeException {
        long free;
        String scratch = tools.store().layout().absoluteScratch();
        try (ProbeDirectory directory = new ProbeDirectory(tools.calls(), scratch, "space")) {
            if (BlockSharing.works(tools.calls(), directory.fd())) {
                return;
            }
            free = tools.calls().fstatfs(directory.fd()).availableBytes();
        }
        Usage usage = from.driver().usage(from.store(), from.base());
        long stored = usage.exclusiveBytes() + usage.sharedBytes();
        // More than the store takes where metadata alone were written of the base's files.
        long needed = from.isLayer() ? Math.max(stored, new RevisionCopy(tools).bytesOfView(from)) : stored;
        if (free - needed < tools.settings().minFreeBytes()) {
            throw new NodeException(
                    Reason.LowSpace,
                    Follow.WAIT,
                    "a copy of revision " + from.store().revision() + " takes about " + mebibytes(needed)
                            + " MiB, only " + mebibytes(free) + " MiB are free, and NodeStore.spec.reserve.minFree is "
                            + mebibytes(tools.settings().minFreeBytes()) + " MiB");
        }
    }

    private static long mebibytes(long bytes) {
        return (bytes + (1 << 20) - 1) >> 20;
    }
}
