package dev.veneer.node.driver;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreeRemover;
import java.util.concurrent.atomic.AtomicLong;

/** A directory in which a driver tries itself, and which is gone afterwards with all that is in it. */
public final class ProbeDirectory implements AutoCloseable {
    private static final AtomicLong COUNTER = new AtomicLong();

    private final LinuxCalls calls;
    private final String scratch;
    private final int parent;
    private final byte[] name;
    private final int fd;

    /** @param scratch an existing directory of the store */
    public ProbeDirectory(LinuxCalls calls, String scratch, String driver) throws LinuxException {
        this.calls = calls;
        this.scratch = scratch;
        this.name =
                PathBytes.of("probe-" + driver + "-" + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet());
        SafeOpen open = new SafeOpen(calls);
        this.parent = open.ownDirectory(scratch);
        try {
            calls.mkdirat(parent, name, 0700);
            this.fd = open.directory(parent, name);
        } catch (LinuxException e) {
            calls.close(parent);
            throw e;
        }
    }

    /** The directory, open. */
    public int fd() {
        return fd;
    }

    /** Its path. */
    public String path() {
        return scratch + "/" + PathBytes.show(name);
    }

    /** Removes it. */
    @Override
    public void close() throws LinuxException, NodeException {
        try {
            calls.close(fd);
            new TreeRemover(calls).remove(parent, name, scratch);
        } finally {
            calls.close(parent);
        }
    }
}
