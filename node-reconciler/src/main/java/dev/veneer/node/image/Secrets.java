package dev.veneer.node.image;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Secrets from a directory, as Kubernetes mounts them: {@code DIR/NAME/KEY} is the value of a key.
 *
 * <p>For an archive: {@code username} and {@code password}, or {@code token}; of a certificate authority:
 * {@code ca.crt}, in PEM.
 */
final class Secrets {
    private static final int MAX_BYTES = 1 << 20;

    private final LinuxCalls calls;
    private final @Nullable String directory;

    Secrets(LinuxCalls calls, @Nullable String directory) {
        this.calls = calls;
        this.directory = directory;
    }

    /** A key's value, or null when the secret does not have the key. */
    byte @Nullable [] get(String name, String key) throws NodeException {
        if (directory == null) {
            throw missing(name, "there is no directory of secrets: name it with --secrets");
        }
        if (!name.matches("[a-z0-9]([a-z0-9.-]*[a-z0-9])?")) {
            throw missing(name, "that is not the name of a secret");
        }
        try {
            int base = calls.openat2(Abi.AT_FDCWD, PathBytes.of(directory), Abi.O_PATH | Abi.O_DIRECTORY, 0, 0);
            try {
                return read(base, name + "/" + key);
            } finally {
                calls.close(base);
            }
        } catch (IOException e) {
            throw missing(name, String.valueOf(e.getMessage()));
        }
    }

    private byte @Nullable [] read(int base, String path) throws IOException {
        int fd;
        try {
            // Links inside the directory are how Kubernetes replaces secrets at once.
            fd = calls.openat2(base, PathBytes.of(path), Abi.O_RDONLY | Abi.O_NONBLOCK, 0, Abi.RESOLVE_BENEATH);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return null;
            }
            throw e;
        }
        try {
            long size = FileStream.size(calls, fd, path);
            if (size > MAX_BYTES) {
                throw new IOException(path + " has more than " + MAX_BYTES + " bytes");
            }
            try (FileStream in = FileStream.part(calls, fd, path, 0, size, new AtomicLong())) {
                return in.readAllBytes();
            }
        } finally {
            calls.close(fd);
        }
    }

    private static NodeException missing(String name, String why) {
        return new NodeException(Reason.FetchFailed, Follow.RETRY, "cannot read the secret " + name + ": " + why);
    }
}
