package dev.veneer.node.observe;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads one mount table again and again, and parses it only when it says something else than before: reading thousands of
 * mounts is cheap, making objects of them is not. For one thread at a time.
 */
public final class MountTableReader implements AutoCloseable {
    private static final int FIRST_BUFFER = 256 * 1024;

    private final LinuxCalls calls;
    private final byte[] path;
    private ByteBuffer next = ByteBuffer.allocate(FIRST_BUFFER);
    private ByteBuffer last = ByteBuffer.allocate(FIRST_BUFFER).flip();
    private @Nullable MountTable table;
    private @Nullable Fd watched;
    /** Something was told to have changed, and was not read yet. */
    private boolean stale = true;

    /** Of this process's mount namespace. */
    public MountTableReader(LinuxCalls calls) {
        this(calls, "/proc/self/mountinfo");
    }

    MountTableReader(LinuxCalls calls, String path) {
        this.calls = calls;
        this.path = PathBytes.of(path);
    }

    /**
     * The table as it is now, read only if the kernel tells that something was mounted, unmounted or set otherwise since
     * this was asked before. It does not tell when a file system that has failed turns read-only by itself.
     */
    public MountTable readChanges() throws LinuxException {
        stale |= isToldOfChanges();
        MountTable known = table;
        return stale || known == null ? read() : known;
    }

    /** Each open mountinfo remembers which state of the table was told by polling it ({@code man 5 proc_pid_mounts}). */
    private boolean isToldOfChanges() throws LinuxException {
        Fd fd = watched;
        if (fd == null) {
            watched = new Fd(calls, calls.openat2(Abi.AT_FDCWD, path, Abi.O_RDONLY, 0, 0));
            return true;
        }
        return calls.poll(new int[] {fd.number()}, new short[] {Abi.POLLPRI}, 0) > 0;
    }

    @Override
    public void close() {
        Fd fd = watched;
        watched = null;
        if (fd != null) {
            fd.close();
        }
    }

    /** The table as it is now; the very same object as long as nothing in it has changed. */
    public MountTable read() throws LinuxException {
        next.clear();
        try (Fd fd = new Fd(calls, calls.openat2(Abi.AT_FDCWD, path, Abi.O_RDONLY, 0, 0))) {
            while (calls.read(fd.number(), next) > 0) {
                if (next.remaining() < FIRST_BUFFER / 4) {
                    next = ByteBuffer.allocate(next.capacity() * 2).put(next.flip());
                }
            }
        }
        next.flip();
        MountTable known = table;
        if (known != null && Arrays.equals(next.array(), 0, next.limit(), last.array(), 0, last.limit())) {
            stale = false;
            return known;
        }
        MountTable fresh = MountTable.parse(next.array(), next.limit());
        ByteBuffer free = last;
        last = next;
        next = free;
        table = fresh;
        stale = false;
        return fresh;
    }
}
