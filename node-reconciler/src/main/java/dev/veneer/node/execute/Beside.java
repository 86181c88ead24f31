package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
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

    private static final int ATTEMPTS = 5;

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
            if (!isChange(e)) {
                throw e;
            }
            LOG.debug("sliver {} changed while it was looked at: {}", sliver, e.getMessage());
        } catch (NodeException e) {
            if (!isChange(e)) {
                throw e;
            }
            LOG.debug("sliver {} changed while it was looked at: {}", sliver, e.getMessage());
        }
    }

    /** What is worked out beside programs. */
    interface Sight<T> {
        T get() throws LinuxException, NodeException, ForeignLayerException;
    }

    /** Works something out; again when a sliver's programs changed what was just looked at, but not for ever. */
    static <T> T again(Sight<T> sight) throws LinuxException, NodeException, ForeignLayerException {
        for (int attempt = 1; attempt < ATTEMPTS; attempt++) {
            try {
                return sight.get();
            } catch (LinuxException e) {
                if (!isChange(e)) {
                    throw e;
                }
            } catch (NodeException e) {
                if (!isChange(e)) {
                    throw e;
                }
            }
        }
        return sight.get();
    }

    /** Whether a failed look says only that something was changed meanwhile. */
    static boolean isChange(LinuxException e) {
        return e.is(
                Errno.ENOENT,
                Errno.ENOTDIR,
                Errno.EISDIR,
                Errno.ELOOP,
                Errno.ENXIO,
                Errno.ENODATA,
                Errno.ERANGE,
                Errno.ESTALE);
    }

    /** The same. */
    static boolean isChange(NodeException e) {
        return e.reason() == Reason.InUse && e.follow() == Follow.RETRY;
    }
}
