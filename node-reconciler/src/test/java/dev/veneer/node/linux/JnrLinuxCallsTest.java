package dev.veneer.node.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JnrLinuxCallsTest {
    private final LinuxCalls calls = new JnrLinuxCalls();

    @TempDir
    Path temporary;

    private int dir;

    @BeforeEach
    void open() throws LinuxException {
        long flags = Abi.O_RDONLY | Abi.O_DIRECTORY;
        dir = calls.openat2(Abi.AT_FDCWD, PathBytes.of(temporary.toString()), flags, 0, 0);
    }

    @AfterEach
    void close() {
        calls.close(dir);
    }

    private int create(String name) throws LinuxException {
        return calls.openat2(dir, PathBytes.of(name), Abi.O_RDWR | Abi.O_CREAT | Abi.O_EXCL, 0600, 0);
    }

    private Statx stat(String name) throws LinuxException {
        Statx stat = new Statx();
        calls.statx(dir, PathBytes.of(name), Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat);
        return stat;
    }

    private static int errno(Throwing call) {
        return assertThrows(LinuxException.class, call::run).errno();
    }

    private interface Throwing {
        void run() throws LinuxException;
    }

    @Test
    void writesAndReadsThroughDirectAndHeapBuffersAlike() throws LinuxException {
        byte[] content = new byte[200_000];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i * 31 + i / 977);
        }
        for (boolean direct : new boolean[] {true, false}) {
            int fd = create("file" + direct);
            ByteBuffer from = direct ? ByteBuffer.allocateDirect(content.length) : ByteBuffer.allocate(content.length);
            from.put(content).flip();
            while (from.hasRemaining()) {
                int before = from.position();
                int written = calls.write(fd, from);
                assertEquals(before + written, from.position());
            }
            calls.lseek(fd, 0, Abi.SEEK_SET);
            ByteBuffer into = direct ? ByteBuffer.allocateDirect(content.length + 1) : ByteBuffer.allocate(200_001);
            while (calls.read(fd, into) > 0) {}
            byte[] back = new byte[into.flip().remaining()];
            into.get(back);
            assertArrayEquals(content, back);

            ByteBuffer window = direct ? ByteBuffer.allocateDirect(40) : ByteBuffer.allocate(40);
            window.position(10).limit(30);
            assertEquals(20, calls.pread(fd, window, 1000));
            assertEquals(30, window.position());
            byte[] part = new byte[20];
            window.position(10);
            window.get(part);
            assertArrayEquals(Arrays.copyOfRange(content, 1000, 1020), part);
            window.clear();
            assertEquals(0, window.get(9) | window.get(30), "bytes outside position and limit stay");
            calls.close(fd);
        }
    }

    @Test
    void positionalWritesSparseFilesAndCopies() throws LinuxException {
        int fd = create("sparse");
        assertEquals(3, calls.pwrite(fd, ByteBuffer.wrap(new byte[] {1, 2, 3}), 1 << 20));
        calls.ftruncate(fd, 5L << 30);
        assertEquals(5L << 30, calls.lseek(fd, 0, Abi.SEEK_END));
        assertEquals(1 << 20, calls.lseek(fd, 0, Abi.SEEK_DATA) / 65536 * 65536);
        int copy = create("copy");
        assertEquals(3, calls.copyFileRange(fd, 1 << 20, copy, 7, 3));
        assertEquals(10, calls.lseek(copy, 0, Abi.SEEK_END));
        calls.close(fd);
        calls.close(copy);
    }

    @Test
    void namesAreBytesAndOnlyNulIsRefused() throws LinuxException {
        byte[] longest = new byte[255];
        Arrays.fill(longest, (byte) 'x');
        byte[][] names = {
            {'a', '\n', 'b'}, {(byte) 0xff, (byte) 0xfe}, {'-', 'r', ' ', '\\'}, longest, PathBytes.of("grün")
        };
        Set<String> expected = new TreeSet<>();
        for (byte[] name : names) {
            calls.mkdirat(dir, name, 0700);
            expected.add(new String(name, StandardCharsets.ISO_8859_1));
        }
        DirectoryReader reader = new DirectoryReader(calls);
        reader.start(dir);
        Set<String> seen = new TreeSet<>();
        while (reader.next()) {
            seen.add(new String(reader.name(), StandardCharsets.ISO_8859_1));
            assertEquals(Abi.S_IFDIR, reader.type());
            assertTrue(reader.ino() != 0);
        }
        assertEquals(expected, seen);
        assertEquals(Errno.EINVAL, errno(() -> calls.mkdirat(dir, new byte[] {'a', 0, 'b'}, 0700)));
        byte[] tooLong = new byte[256];
        Arrays.fill(tooLong, (byte) 'x');
        assertEquals(Errno.ENAMETOOLONG, errno(() -> calls.mkdirat(dir, tooLong, 0700)));
        byte[] beyondPath = new byte[70_000];
        Arrays.fill(beyondPath, (byte) '/');
        assertEquals(Errno.ENAMETOOLONG, errno(() -> calls.mkdirat(dir, beyondPath, 0700)));
        for (byte[] name : names) {
            calls.unlinkat(dir, name, Abi.AT_REMOVEDIR);
        }
    }

    @Test
    void linksAreReadNotFollowed() throws LinuxException {
        byte[] target = PathBytes.of("/etc/\u00e9\n");
        calls.symlinkat(target, dir, PathBytes.of("link"));
        assertArrayEquals(target, calls.readlinkat(dir, PathBytes.of("link")));
        assertTrue(stat("link").isSymlink());
        long path = Abi.O_PATH | Abi.O_NOFOLLOW;
        int fd = calls.openat2(dir, PathBytes.of("link"), path, 0, 0);
        assertArrayEquals(target, calls.readlinkat(fd, PathBytes.EMPTY));
        calls.close(fd);
        assertEquals(
                Errno.ELOOP,
                errno(() -> calls.openat2(dir, PathBytes.of("link"), Abi.O_RDONLY, 0, Abi.RESOLVE_NO_SYMLINKS)));
        assertEquals(Errno.EXDEV, errno(() -> calls.openat2(dir, PathBytes.of(".."), path, 0, Abi.RESOLVE_BENEATH)));
    }

    @Test
    void metadataRoundTrip() throws LinuxException {
        int fd = create("file");
        calls.fchmod(fd, 0640);
        assertEquals(Abi.S_IFREG | 0640, stat("file").mode);
        calls.fchmodat(dir, PathBytes.of("file"), 0604);
        calls.utimensat(dir, PathBytes.of("file"), -5, 7, 1L << 33, 999_999_999, Abi.AT_SYMLINK_NOFOLLOW);
        Statx stat = stat("file");
        assertEquals(0604, stat.mode & 0777);
        assertEquals(-5, stat.atimeSec);
        assertEquals(7, stat.atimeNsec);
        assertEquals(1L << 33, stat.mtimeSec);
        assertEquals(999_999_999, stat.mtimeNsec);
        calls.utimensat(fd, PathBytes.EMPTY, 0, Abi.UTIME_OMIT, 3, 4, Abi.AT_EMPTY_PATH);
        assertEquals(-5, stat("file").atimeSec);
        assertEquals(3, stat("file").mtimeSec);
        assertEquals(1, stat("file").nlink);
        calls.linkat(dir, PathBytes.of("file"), dir, PathBytes.of("second"), 0);
        assertEquals(2, stat("file").nlink);
        assertEquals(stat("file").ino, stat("second").ino);
        assertEquals(stat("file").dev(), stat("second").dev());
        calls.mknodat(dir, PathBytes.of("fifo"), Abi.S_IFIFO | 0600, 0);
        assertEquals(Abi.S_IFIFO, stat("fifo").type());
        calls.fchownat(dir, PathBytes.of("file"), -1, -1, Abi.AT_SYMLINK_NOFOLLOW);
        assertEquals(Errno.EINVAL, errno(() -> calls.mknodat(dir, PathBytes.of("x"), Abi.S_IFIFO, 1L << 40)));
        calls.close(fd);
    }

    @Test
    void renames() throws LinuxException {
        calls.close(create("a"));
        calls.close(create("b"));
        long a = stat("a").ino;
        long b = stat("b").ino;
        byte[] nameA = PathBytes.of("a");
        byte[] nameB = PathBytes.of("b");
        assertEquals(Errno.EEXIST, errno(() -> calls.renameat2(dir, nameA, dir, nameB, Abi.RENAME_NOREPLACE)));
        calls.renameat2(dir, nameA, dir, nameB, Abi.RENAME_EXCHANGE);
        assertEquals(b, stat("a").ino);
        calls.renameat2(dir, nameA, dir, nameB, 0);
        assertEquals(b, stat("b").ino);
        assertTrue(a != b);
        assertEquals(Errno.ENOENT, errno(() -> stat("a")));
    }

    @Test
    void extendedAttributes() throws LinuxException {
        int fd = create("file");
        byte[] name = PathBytes.of("user.veneer");
        byte[] path = PathBytes.below(dir, PathBytes.of("file"));
        byte[] value = new byte[1000];
        Arrays.fill(value, (byte) 0xfe);
        value[0] = 0;
        assertEquals(Errno.ENODATA, errno(() -> calls.fgetxattr(fd, name)));
        calls.fsetxattr(fd, name, value, Abi.XATTR_CREATE);
        assertArrayEquals(value, calls.lgetxattr(path, name));
        calls.lsetxattr(path, name, new byte[0], Abi.XATTR_REPLACE);
        assertEquals(0, calls.fgetxattr(fd, name).length);
        assertArrayEquals(calls.flistxattr(fd), calls.llistxattr(path));
        assertTrue(new String(calls.flistxattr(fd), StandardCharsets.ISO_8859_1).contains("user.veneer\0"));
        calls.fremovexattr(fd, name);
        assertEquals(Errno.ENODATA, errno(() -> calls.fgetxattr(fd, name)));
        assertEquals(Errno.E2BIG, errno(() -> calls.fsetxattr(fd, name, new byte[65537], 0)));
        calls.close(fd);
    }

    @Test
    void failuresTellWhereAndWhat() throws Exception {
        calls.mkdirat(dir, PathBytes.of("sub"), 0700);
        calls.close(create("file"));
        int sub = calls.openat2(dir, PathBytes.of("sub"), Abi.O_RDONLY | Abi.O_DIRECTORY, 0, 0);
        LinuxException missing = assertThrows(LinuxException.class, () -> calls.unlinkat(sub, PathBytes.of("n\no"), 0));
        assertEquals(
                "unlinkat " + temporary.toRealPath() + "/sub/n\\x0ao: No such file or directory (ENOENT)",
                missing.getMessage());
        assertEquals("unlinkat", missing.call());
        assertTrue(missing.is(Errno.EPERM, Errno.ENOENT));
        assertFalse(missing.is(Errno.EPERM));
        calls.close(sub);
        assertEquals(Errno.EBADF, errno(() -> calls.fsync(sub + 1000)));
        assertEquals(Errno.ENODEV, errno(() -> calls.fsopen(PathBytes.of("no such type"))));
    }

    @Test
    void pollEventfdAndTimeout() throws LinuxException {
        int event = calls.eventfd();
        short[] events = {Abi.POLLIN};
        long begin = System.nanoTime();
        assertEquals(0, calls.poll(new int[] {event}, events, 30));
        assertTrue(System.nanoTime() - begin >= 29_000_000);
        assertEquals(0, events[0]);
        ByteBuffer one = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(0, 1);
        calls.write(event, one);
        events[0] = Abi.POLLIN;
        assertEquals(1, calls.poll(new int[] {event}, events, -1));
        assertEquals(Abi.POLLIN, events[0]);
        calls.close(event);
        assertEquals(Errno.EINVAL, errno(() -> calls.poll(new int[2], new short[1], 0)));
    }

    @Test
    void locksAndStatistics() throws LinuxException {
        calls.close(create("lock"));
        int first = calls.openat2(dir, PathBytes.of("lock"), Abi.O_RDWR, 0, 0);
        int second = calls.openat2(dir, PathBytes.of("lock"), Abi.O_RDWR, 0, 0);
        calls.flock(first, Abi.LOCK_EX | Abi.LOCK_NB);
        assertEquals(Errno.EAGAIN, errno(() -> calls.flock(second, Abi.LOCK_EX | Abi.LOCK_NB)));
        calls.close(first);
        calls.flock(second, Abi.LOCK_EX | Abi.LOCK_NB);
        calls.startWriting(second);
        assertEquals(Errno.EBADF, errno(() -> calls.startWriting(first)));
        int noFile = calls.eventfd();
        assertEquals(Errno.ESPIPE, errno(() -> calls.startWriting(noFile)));
        calls.close(noFile);
        calls.fsync(second);
        calls.syncfs(second);
        Statfs statfs = calls.fstatfs(second);
        long total = temporary.toFile().getTotalSpace();
        assertEquals(total, statfs.totalBytes());
        assertTrue(statfs.availableBytes() <= statfs.freeBytes() && statfs.freeBytes() <= total);
        calls.close(second);
    }

    @Test
    void capabilitiesAndFileSystemIdsBelongToTheThread() throws Exception {
        Capabilities before = calls.capget();
        Thread other = new Thread(() -> {
            try {
                Capabilities mine = calls.capget();
                calls.capset(new Capabilities(0, mine.permitted(), 0));
                assertEquals(0, calls.capget().effective());
            } catch (LinuxException e) {
                throw new AssertionError(e);
            }
        });
        other.start();
        other.join();
        assertEquals(before, calls.capget());
    }

    @Test
    void manyThreadsDoNotMixTheirArgumentsOrErrors() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            Future<?>[] done = new Future<?>[4];
            for (int t = 0; t < done.length; t++) {
                int id = t;
                done[t] = pool.submit(() -> {
                    for (int i = 0; i < 500; i++) {
                        byte[] name = PathBytes.of("t" + id + "-" + i);
                        calls.mkdirat(dir, name, 0700);
                        assertEquals(Errno.EEXIST, errno(() -> calls.mkdirat(dir, name, 0700)));
                        calls.unlinkat(dir, name, Abi.AT_REMOVEDIR);
                        assertEquals(Errno.ENOENT, errno(() -> calls.unlinkat(dir, name, Abi.AT_REMOVEDIR)));
                    }
                    return null;
                });
            }
            for (Future<?> future : done) {
                future.get();
            }
        } finally {
            pool.shutdown();
        }
        assertEquals(0, temporary.toFile().list().length);
    }
}
