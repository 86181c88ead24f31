package dev.veneer.node.driver.conformance;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.DirectoryReader;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.InodeFlags;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A tree's whole identity as text, one line a path: what the comparison of two trees stands on. Deliberately simple and
 * recursive, sharing no code with the walkers that it judges.
 */
public final class TreeText {
    /** What a path is: its line, and what of it the diff of a view looks at. */
    public record Line(String identity, String group, boolean directory, String withoutTime) {}

    private final LinuxCalls calls;
    private final long now;
    private final Map<String, Line> lines = new TreeMap<>();
    private final Map<String, List<String>> groups = new HashMap<>();

    private TreeText(LinuxCalls calls, long now) {
        this.calls = calls;
        this.now = now;
    }

    /**
     * Reads a tree.
     *
     * @param now a time; every later modification time counts as the same one, since a script does not run at the same
     *     moment in two trees
     * @return the lines by path, which is in ISO 8859-1, so that a character is a byte
     */
    public static Map<String, Line> of(LinuxCalls calls, String root, long now) {
        TreeText text = new TreeText(calls, now);
        try {
            int fd = calls.openat2(Abi.AT_FDCWD, PathBytes.of(root), Abi.O_RDONLY | Abi.O_DIRECTORY, 0, 0);
            try {
                text.add("", fd, new byte[] {'.'});
                text.directory("", fd);
            } finally {
                calls.close(fd);
            }
        } catch (LinuxException e) {
            throw new UncheckedIOException(e);
        }
        for (List<String> names : text.groups.values()) {
            names.sort(null);
            for (String name : names) {
                Line line = text.lines.get(name);
                text.lines.put(name, new Line(line.identity, names.toString(), line.directory, line.withoutTime));
            }
        }
        return text.lines;
    }

    private void directory(String path, int fd) throws LinuxException {
        List<byte[]> names = new ArrayList<>();
        DirectoryReader reader = new DirectoryReader(calls);
        reader.start(fd);
        while (reader.next()) {
            names.add(reader.name());
        }
        for (byte[] name : names) {
            String child = (path.isEmpty() ? "" : path + "/") + new String(name, StandardCharsets.ISO_8859_1);
            if (add(child, fd, name)) {
                int sub = calls.openat2(fd, name, Abi.O_RDONLY | Abi.O_DIRECTORY | Abi.O_NOFOLLOW, 0, 0);
                try {
                    directory(child, sub);
                } finally {
                    calls.close(sub);
                }
            }
        }
    }

    private boolean add(String path, int parent, byte[] name) throws LinuxException {
        Statx stat = new Statx();
        calls.statx(parent, name, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat);
        StringBuilder line = new StringBuilder(String.format("%o %d:%d", stat.mode, stat.uid, stat.gid));
        if (stat.isSymlink()) {
            line.append(" -> ").append(new String(calls.readlinkat(parent, name), StandardCharsets.ISO_8859_1));
        } else if (stat.isRegular()) {
            line.append(' ').append(stat.size).append(' ').append(content(parent, name));
        } else if (!stat.isDirectory()) {
            line.append(' ').append(stat.rdevMajor).append(':').append(stat.rdevMinor);
        }
        line.append(xattrs(PathBytes.below(parent, name)));
        if (stat.isRegular() || stat.isDirectory()) {
            line.append(flags(parent, name));
        }
        String time = stat.mtimeSec >= now ? "now" : stat.mtimeSec + "." + stat.mtimeNsec;
        lines.put(path, new Line(line + " " + time, "", stat.isDirectory(), line.toString()));
        if (!stat.isDirectory() && stat.nlink > 1) {
            groups.computeIfAbsent(stat.dev() + ":" + stat.ino, inode -> new ArrayList<>())
                    .add(path);
        }
        return stat.isDirectory();
    }

    private String content(int parent, byte[] name) throws LinuxException {
        int fd = calls.openat2(parent, name, Abi.O_RDONLY | Abi.O_NONBLOCK | Abi.O_NOFOLLOW, 0, 0);
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            while (calls.read(fd, buffer.clear()) > 0) {
                digest.update(buffer.flip());
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        } finally {
            calls.close(fd);
        }
    }

    private String xattrs(byte[] path) throws LinuxException {
        Map<String, String> found = new TreeMap<>();
        byte[] list;
        try {
            list = calls.llistxattr(path);
        } catch (LinuxException e) {
            if (e.is(Errno.EOPNOTSUPP)) {
                return "";
            }
            throw e;
        }
        for (String name : new String(list, StandardCharsets.ISO_8859_1).split("\0", -1)) {
            // XFS shows its own storage of access control lists under further names.
            if (!name.isEmpty() && !name.startsWith("trusted.SGI_") && !name.startsWith("security.selinux")) {
                byte[] value = calls.lgetxattr(path, name.getBytes(StandardCharsets.ISO_8859_1));
                found.put(name, HexFormat.of().formatHex(value));
            }
        }
        return found.isEmpty() ? "" : " " + found;
    }

    private String flags(int parent, byte[] name) throws LinuxException {
        int fd = calls.openat2(parent, name, Abi.O_RDONLY | Abi.O_NONBLOCK | Abi.O_NOFOLLOW, 0, 0);
        try {
            int flags = InodeFlags.get(calls, fd) & InodeFlags.IDENTITY;
            return flags == 0 ? "" : " flags=" + flags;
        } finally {
            calls.close(fd);
        }
    }
}
