package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.tree.Unreadable;
import dev.veneer.node.tree.rewrite.ForeignLayerException;
import org.jspecify.annotations.Nullable;
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

    /** Looks at what is read. */
    interface Reader {
        void look(RevisionReading from) throws LinuxException, NodeException, ForeignLayerException;
    }

    /**
     * Looks at what is stored, or, where only the kernel can tell what that means, at what it shows; see {@link
     * #read(SliverId, Look)}.
     */
    static void read(NodeTools tools, Revision revision, RevisionReading stored, Reader reader)
            throws LinuxException, NodeException {
        read(revision.store().sliver(), () -> lookAt(tools, revision, stored, reader));
    }

    /**
     * Looks. What its programs took away while it was looked at tells nothing: it is looked at again when the sliver is
     * down. But what the kernel cannot show two times, by mounts of their own, it cannot show then either.
     */
    static void read(SliverId sliver, Look look) throws LinuxException, NodeException {
        NodeException before = null;
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            try {
                look.run();
                return;
            } catch (ForeignLayerException e) {
                LOG.debug("sliver {} is looked at when it is stopped: {}", sliver, e.getMessage());
                return;
            } catch (LinuxException e) {
                if (!isChange(e)) {
                    throw e;
                }
                LOG.debug("sliver {} changed while it was looked at: {}", sliver, e.getMessage());
                return;
            } catch (NodeException e) {
                if (!isChange(e)) {
                    throw e;
                }
                LOG.debug("sliver {} changed while it was looked at: {}", sliver, e.getMessage());
                if (!Unreadable.isPerhaps(e)) {
                    return;
                }
                before = lastingOr(before, e);
            }
        }
    }

    /** The second of two failures, unless both are that the kernel has no view of the same path, which is thrown. */
    private static NodeException lastingOr(@Nullable NodeException before, NodeException now) throws NodeException {
        if (before != null
                && Unreadable.isPerhaps(now)
                && String.valueOf(now.getMessage()).equals(before.getMessage())) {
            throw Unreadable.lasting(now);
        }
        return now;
    }

    /** What is worked out beside programs. */
    interface Sight<T> {
        T get() throws LinuxException, NodeException, ForeignLayerException;
    }

    /** Works something out; again when a sliver's programs changed what was just looked at, but not for ever. */
    static <T> T again(Sight<T> sight) throws LinuxException, NodeException, ForeignLayerException {
        NodeException before = null;
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
                before = lastingOr(before, e);
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

    private static void lookAt(NodeTools tools, Revision revision, RevisionReading stored, Reader reader)
            throws LinuxException, NodeException, ForeignLayerException {
        try {
            reader.look(stored);
            return;
        } catch (ForeignLayerException e) {
            LOG.debug("the view of sliver {} is looked at: {}", revision.store().sliver(), e.getMessage());
        }
        try (RevisionReading view = RevisionReading.beside(tools.calls(), tools.mounts(), revision)) {
            reader.look(view);
        }
    }
}
