package dev.veneer.node.execute;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.tree.rewrite.ForeignLayerException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reading a sliver's store beside programs that may change it meanwhile. */
final class Beside {
    private static final Logger LOG = LoggerFactory.getLogger(Beside.class);

    private Beside() {}

    /** What is read. */
    interface Look {
        void run() throws LinuxException, NodeException, ForeignLayerException;
    }

    /**
     * Looks. What its programs took away while it was looked at tells nothing, nor does what only a mount can show: both
     * are looked at again when the sliver is down.
     */
    static void read(SliverId sliver, Look look) throws LinuxException, NodeException {
        try {
            look.run();
        } catch (ForeignLayerException e) {
            LOG.debug("sliver {} is looked at when it is stopped: {}", sliver, e.getMessage());
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.ENXIO, Errno.ENODATA)) {
                throw e;
            }
            LOG.debug("sliver {} changed while it was looked at: {}", sliver, e.getMessage());
        }
    }
}
