package dev.veneer.node.store;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
                new StoreLock(files, fd).release();
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

    /** Whether somebody holds it: read from the kernel's list of locks, since trying would get in a writer's way. */
    static boolean isHeld(StoreFiles files) throws LinuxException {
        Statx stat = new Statx();
        if (!files.stat(StoreLayout.LOCK, stat)) {
            return false;
        }
        // proc(5): "1: FLOCK ADVISORY WRITE 708 08:01:13548 0 EOF", device numbers in hexadecimal
        String file = String.format(":%d 0 EOF", stat.ino);
        String device = String.format(" %02x:%02x", stat.devMajor, stat.devMinor);
        int fd = files.calls().openat2(Abi.AT_FDCWD, PathBytes.of("/proc/locks"), Abi.O_RDONLY, 0, 0);
        try {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            ByteBuffer part = ByteBuffer.allocate(16 << 10);
            while (files.calls().read(fd, part.clear()) > 0) {
                all.write(part.array(), 0, part.position());
            }
            return all.toString(StandardCharsets.US_ASCII)
                    .lines()
                    .anyMatch(line -> line.contains(" FLOCK ") && line.endsWith(device + file));
        } finally {
            files.calls().close(fd);
        }
    }

    /**
     * Lets go. Closing alone would not do while another thread is about to start a program: until it has become that
     * program, the child holds every descriptor of this process, and with it the lock.
     */
    void release() {
        try {
            files.calls().flock(fd, Abi.LOCK_UN);
        } catch (LinuxException e) {
            // Then closing has to do; unlocking what is locked does not fail on any file system of ours.
            return;
        } finally {
            files.calls().close(fd);
        }
    }
}
