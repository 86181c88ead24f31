package dev.veneer.node.store;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import java.nio.ByteBuffer;
import java.time.Instant;

/** The store's writer lock: {@code flock} on the file {@code lock}, which also tells for people who holds it. */
final class StoreLock {
    private final StoreFiles files;
    private final int fd;

    private StoreLock(StoreFiles files, int fd) {
        this.files = files;
        this.fd = fd;
    }

    static StoreLock take(StoreFiles files, StoreLayout layout, String command, Instant now)
            throws LinuxException, StoreLockedException {
        int fd = files.open(StoreLayout.LOCK, Abi.O_RDWR | Abi.O_CREAT, 0600);
        boolean taken = false;
        try {
            files.calls().flock(fd, Abi.LOCK_EX | Abi.LOCK_NB);
            tell(files, fd, command, now);
            taken = true;
        } catch (LinuxException e) {
            if (e.is(Errno.EAGAIN)) {
                throw new StoreLockedException(layout.root(), holder(files));
            }
            throw e;
        } finally {
            if (!taken) {
                files.calls().close(fd);
            }
        }
        return new StoreLock(files, fd);
    }

    private static void tell(StoreFiles files, int fd, String command, Instant now) throws LinuxException {
        byte[] content = RecordCodec.bytes(json -> {
            json.writeNumberField("pid", ProcessHandle.current().pid());
            json.writeStringField("command", command);
            json.writeStringField("since", now.toString());
        });
        try {
            files.calls().ftruncate(fd, 0);
            files.calls().pwrite(fd, ByteBuffer.wrap(content), 0);
        } catch (LinuxException e) {
            // It only tells people who holds the lock: on a full disk the lock itself is as good without.
            if (!e.is(Errno.ENOSPC, Errno.EDQUOT)) {
                throw e;
            }
        }
    }

    private static String holder(StoreFiles files) throws LinuxException {
        try {
            JsonObject json = JsonObject.parse(files.read(StoreLayout.LOCK, 4096));
            return "process " + json.number("pid") + " (" + json.text("command") + ") since " + json.text("since");
        } catch (BadRecordException e) {
            return "another process";
        }
    }

    void release() {
        files.calls().close(fd);
    }
}
