package dev.veneer.node.execute;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.IdRange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Descriptors of user namespaces that map the ids 0 to {@code count - 1} to a range, for idmapped mounts. The kernel gives
 * such a descriptor only for a namespace that a process was in, and a process with threads, as a JVM is, cannot enter
 * one: so {@code unshare} starts a child in it, which is ended as soon as the descriptor is open. Kept open until closed,
 * one a range.
 */
public final class UserNamespaces implements AutoCloseable {
    private final LinuxCalls calls;
    private final Map<IdRange, Fd> open = new HashMap<>();

    public UserNamespaces(LinuxCalls calls) {
        this.calls = calls;
    }

    /** The descriptor for a range; stays open until this object is closed. */
    public synchronized int descriptor(IdRange range) throws LinuxException {
        Fd known = open.get(range);
        if (known == null) {
            known = make(range);
            open.put(range, known);
        }
        return known.number();
    }

    private Fd make(IdRange range) throws LinuxException {
        Process child;
        try {
            child = new ProcessBuilder("unshare", "--user", "cat")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new LinuxException("unshare", Errno.ENOENT, "the program unshare of util-linux: " + e.getMessage());
        }
        try (OutputStream to = child.getOutputStream();
                InputStream from = child.getInputStream()) {
            // When the byte comes back, cat runs, and so the namespace is there.
            to.write('x');
            to.flush();
            if (from.read() != 'x') {
                throw new LinuxException("unshare", Errno.EPERM, "--user (are user namespaces switched off?)");
            }
            long pid = child.pid();
            byte[] map = ("0 " + range.first() + " " + range.count() + "\n").getBytes(StandardCharsets.US_ASCII);
            write("/proc/" + pid + "/uid_map", map);
            write("/proc/" + pid + "/gid_map", map);
            return new Fd(
                    calls, calls.openat2(Abi.AT_FDCWD, PathBytes.of("/proc/" + pid + "/ns/user"), Abi.O_RDONLY, 0, 0));
        } catch (LinuxException e) {
            throw e;
        } catch (IOException e) {
            throw new LinuxException("unshare", Errno.EPERM, "--user (are user namespaces switched off?)");
        } finally {
            child.destroyForcibly();
        }
    }

    private void write(String path, byte[] content) throws LinuxException {
        try (Fd fd = new Fd(calls, calls.openat2(Abi.AT_FDCWD, PathBytes.of(path), Abi.O_WRONLY, 0, 0))) {
            calls.write(fd.number(), ByteBuffer.wrap(content));
        }
    }

    @Override
    public synchronized void close() {
        open.values().forEach(Fd::close);
        open.clear();
    }
}
