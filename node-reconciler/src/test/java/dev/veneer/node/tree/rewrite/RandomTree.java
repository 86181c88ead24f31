package dev.veneer.node.tree.rewrite;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.InodeFlags;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.TreePath;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;

/**
 * Random changes of a tree by a program in it: few names, contents, times and owners, so that the same things are
 * hit, and made again, often. What the file system refuses is passed over.
 */
public final class RandomTree {
    private static final String[] NAMES = {"a", "b", "c", "d", " e", "-f", "g\n", "h\u00ff"};
    private static final int[] MODES = {0644, 0600, 0755, 04755, 02750, 0, 01777};
    private static final int[] OWNERS = {0, 0, 0, 1000, 65534};
    private static final byte[][] ATTRIBUTES = {
        PathBytes.of("user.k"), PathBytes.of("user.l"), PathBytes.of("trusted.overlay.opaque"),
        PathBytes.of("trusted.overlay.x"), PathBytes.of("security.capability"), PathBytes.of("system.posix_acl_access"),
        PathBytes.of("system.posix_acl_default")
    };
    private static final byte[] CAPABILITY = HexFormat.of().parseHex("0100000200200000000000000000000000000000");
    private static final byte[] ACL = HexFormat.of()
            .parseHex("0200000001000600ffffffff02000400e803000004000400ffffffff10000600ffffffff20000000ffffffff");

    private final LinuxCalls calls;
    private final byte[] root;
    private final String[] names;
    private final int depth;
    private Random random;
    private int refused;
    /** Whether attributes that are an overlay's own are set too; a base must not have them. */
    private final boolean hostile;

    public RandomTree(LinuxCalls calls, Random random, String root, boolean hostile) {
        this.calls = calls;
        this.random = random;
        this.root = PathBytes.of(root);
        this.hostile = hostile;
        this.names = NAMES;
        this.depth = 4;
    }

    private RandomTree(LinuxCalls calls, Trial trial, String root, boolean hostile) {
        Random choice = trial.random("names", 0);
        this.calls = calls;
        this.random = choice;
        this.root = PathBytes.of(root);
        this.hostile = hostile;
        // In a small tree few operations have to meet often.
        int count = trial.large() ? NAMES.length : 3 + choice.nextInt(2);
        int first = choice.nextInt(NAMES.length);
        this.names = new String[count];
        for (int i = 0; i < count; i++) {
            names[i] = NAMES[(first + i) % NAMES.length];
        }
        this.depth = trial.large() ? 4 : 2 + choice.nextInt(2);
    }

    /** Does to a tree what a trial does in one of its phases. */
    public static void change(LinuxCalls calls, Trial trial, String phase, String root, boolean hostile) {
        RandomTree tree = new RandomTree(calls, trial, root, hostile);
        for (int number : trial.operations(phase)) {
            tree.random = trial.random(phase, number);
            if (number == Trial.FREEZE) {
                tree.freezeSome();
            } else {
                tree.attempt();
            }
        }
    }

    /** Tries so many changes; returns how many the tree has refused so far. */
    public int change(int count) {
        for (int i = 0; i < count; i++) {
            attempt();
        }
        freeze();
        return refused;
    }

    private void attempt() {
        try {
            one();
        } catch (LinuxException e) {
            refused++; // the tree refuses it, as it would a program in it
        }
    }

    private byte[] path() {
        byte[] path = {};
        int components = 1 + random.nextInt(depth);
        for (int i = 0; i < components; i++) {
            path = TreePath.join(path, names[random.nextInt(names.length)].getBytes(StandardCharsets.ISO_8859_1));
        }
        return path;
    }

    private byte[] in(byte[] path) {
        return path.length == 0 ? root : TreePath.join(root, path);
    }

    private void one() throws LinuxException {
        byte[] path = in(path());
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> calls.mkdirat(Abi.AT_FDCWD, path, 0755);
            case 4, 5, 6, 7 -> {
                write(path, Abi.O_CREAT | (random.nextBoolean() ? Abi.O_TRUNC : 0), random.nextInt(4));
                time(path);
            }
            case 8 -> write(path, 0, 9);
            case 9 -> calls.fchmodat(Abi.AT_FDCWD, path, MODES[random.nextInt(MODES.length)]);
            case 10 -> {
                int owner = OWNERS[random.nextInt(OWNERS.length)];
                calls.fchownat(Abi.AT_FDCWD, path, owner, owner, Abi.AT_SYMLINK_NOFOLLOW);
            }
            case 11 -> time(path);
            case 12 ->
                calls.symlinkat(random.nextBoolean() ? path() : PathBytes.of("/no/such/place"), Abi.AT_FDCWD, path);
            case 13 -> calls.linkat(Abi.AT_FDCWD, in(path()), Abi.AT_FDCWD, path, 0);
            case 14 -> calls.renameat2(Abi.AT_FDCWD, in(path()), Abi.AT_FDCWD, path, 0);
            case 15 -> remove(path);
            case 16 -> special(path);
            case 17, 18 -> attribute(path);
            default -> again(path);
        }
    }

    private void write(byte[] path, long flags, int content) throws LinuxException {
        int fd = calls.openat2(Abi.AT_FDCWD, path, Abi.O_RDWR | Abi.O_NOFOLLOW | Abi.O_NONBLOCK | flags, 0644, 0);
        try {
            Statx stat = new Statx();
            calls.statx(fd, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
            if (!stat.isRegular() || content == 9) {
                return; // opening it for writing is a change of the store, not of the view
            }
            if (content == 3) {
                calls.ftruncate(fd, 200_000);
                calls.pwrite(fd, buffer("tail"), 150_000);
            } else {
                calls.pwrite(fd, buffer("content" + content), 0);
            }
        } finally {
            calls.close(fd);
        }
    }

    private static ByteBuffer buffer(String text) {
        byte[] bytes = PathBytes.of(text);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    private void time(byte[] path) throws LinuxException {
        int nanoseconds = random.nextInt(3) * 111;
        calls.utimensat(Abi.AT_FDCWD, path, 0, Abi.UTIME_OMIT, 1_000_000, nanoseconds, Abi.AT_SYMLINK_NOFOLLOW);
    }

    private void special(byte[] path) throws LinuxException {
        switch (random.nextInt(3)) {
            case 0 -> calls.mknodat(Abi.AT_FDCWD, path, Abi.S_IFIFO | 0644, 0);
            case 1 -> calls.mknodat(Abi.AT_FDCWD, path, Abi.S_IFSOCK | 0600, 0);
            default -> calls.mknodat(Abi.AT_FDCWD, path, Abi.S_IFCHR | 0666, (1 << 8) | 3);
        }
        time(path);
    }

    private void attribute(byte[] path) throws LinuxException {
        byte[] name = ATTRIBUTES[random.nextInt(ATTRIBUTES.length)];
        String text = new String(name, StandardCharsets.UTF_8);
        if (text.startsWith("trusted.") && !hostile) {
            return;
        }
        byte[] value = text.startsWith("security.") ? CAPABILITY : text.startsWith("system.") ? ACL : PathBytes.of("y");
        calls.lsetxattr(path, name, value, 0);
    }

    /** Removes a tree, and perhaps puts a new directory in its place, which then hides the base's. */
    private void remove(byte[] path) throws LinuxException {
        removeTree(path);
        if (random.nextInt(3) == 0) {
            calls.mkdirat(Abi.AT_FDCWD, path, 0755);
            time(path);
        }
    }

    private void removeTree(byte[] path) throws LinuxException {
        try {
            calls.unlinkat(Abi.AT_FDCWD, path, 0);
            return;
        } catch (LinuxException e) {
            Statx stat = new Statx();
            calls.statx(Abi.AT_FDCWD, path, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat);
            if (!stat.isDirectory()) {
                throw e;
            }
        }
        for (String name : NAMES) {
            try {
                removeTree(TreePath.join(path, name.getBytes(StandardCharsets.ISO_8859_1)));
            } catch (LinuxException e) {
                refused++; // it is not there
            }
        }
        calls.unlinkat(Abi.AT_FDCWD, path, Abi.AT_REMOVEDIR);
    }

    /** Writes a file anew with what it had, as installing a package again does. */
    private void again(byte[] path) throws LinuxException {
        Statx stat = new Statx();
        calls.statx(Abi.AT_FDCWD, path, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat);
        if (!stat.isRegular()) {
            return;
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        int fd = calls.openat2(Abi.AT_FDCWD, path, Abi.O_RDONLY | Abi.O_NOFOLLOW | Abi.O_NONBLOCK, 0, 0);
        try {
            ByteBuffer part = ByteBuffer.allocateDirect(65536);
            while (calls.read(fd, part.clear()) > 0) {
                byte[] bytes = new byte[part.flip().remaining()];
                part.get(bytes);
                content.writeBytes(bytes);
            }
        } finally {
            calls.close(fd);
        }
        byte[] beside = TreePath.join(TreePath.parent(path), PathBytes.of("new"));
        int to = calls.openat2(Abi.AT_FDCWD, beside, Abi.O_RDWR | Abi.O_CREAT | Abi.O_EXCL, 0600, 0);
        try {
            ByteBuffer all = ByteBuffer.allocateDirect(content.size())
                    .put(content.toByteArray())
                    .flip();
            long at = 0;
            while (all.hasRemaining()) {
                at += calls.pwrite(to, all, at);
            }
            calls.fchownat(to, PathBytes.EMPTY, stat.uid, stat.gid, Abi.AT_EMPTY_PATH);
            calls.fchmod(to, stat.mode & 07777);
            calls.utimensat(to, PathBytes.EMPTY, 0, Abi.UTIME_OMIT, stat.mtimeSec, stat.mtimeNsec, Abi.AT_EMPTY_PATH);
        } finally {
            calls.close(to);
        }
        calls.renameat2(Abi.AT_FDCWD, beside, Abi.AT_FDCWD, path, 0);
    }

    /** Protects a file or two; last, since nothing can be done with them then. */
    private void freeze() {
        if (random.nextInt(4) == 0) {
            freezeSome();
        }
    }

    private void freezeSome() {
        Statx stat = new Statx();
        for (int i = 0; i < 3; i++) {
            try {
                byte[] path = in(path());
                calls.statx(Abi.AT_FDCWD, path, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat);
                if (stat.type() == Abi.S_IFCHR) {
                    continue; // protected device nodes: only opening the device takes that back
                }
                int fd = calls.openat2(Abi.AT_FDCWD, path, Abi.O_RDONLY | Abi.O_NOFOLLOW | Abi.O_NONBLOCK, 0, 0);
                try {
                    InodeFlags.set(calls, fd, random.nextBoolean() ? Abi.FS_IMMUTABLE_FL : Abi.FS_APPEND_FL);
                } finally {
                    calls.close(fd);
                }
            } catch (LinuxException e) {
                refused++; // not there, or of a type that has no flags
            }
        }
    }
}
