package dev.veneer.node.loop;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Directory;
import dev.veneer.node.linux.DirectoryReader;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The inotify watches of {@link FileWatcher}. When directories come or go, or the kernel lost events, all watches are made
 * anew: rare, and right without any bookkeeping.
 */
final class FileWatch implements WatcherThread.Watch {
    /** A tree this large is no source of desired state; it is watched in part and the periodic pass sees the rest. */
    private static final int MOST_DIRECTORIES = 10_000;

    private static final int MASK = Abi.IN_CLOSE_WRITE
            | Abi.IN_ATTRIB
            | Abi.IN_MOVED_FROM
            | Abi.IN_MOVED_TO
            | Abi.IN_CREATE
            | Abi.IN_DELETE
            | Abi.IN_DELETE_SELF
            | Abi.IN_MOVE_SELF;
    private static final int IN_IGNORED = 0x8000;
    private static final int IN_ISDIR = 0x40000000;
    private static final int LOST = Abi.IN_Q_OVERFLOW | Abi.IN_DELETE_SELF | Abi.IN_MOVE_SELF | IN_IGNORED;
    private static final int ENTRIES = Abi.IN_CREATE | Abi.IN_DELETE | Abi.IN_MOVED_FROM | Abi.IN_MOVED_TO;
    private static final int HEADER = 16;
    private static final int BUFFER = 64 * 1024;

    private final LinuxCalls calls;
    private final List<String> paths;
    private final ByteBuffer events = ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.nativeOrder());

    /** Of watches that are only there for some names in them: which names. Watches of whole directories are not here. */
    private final Map<Integer, Set<String>> namesOnly = new HashMap<>();

    private final Set<Integer> whole = new HashSet<>();
    private Fd inotify;

    FileWatch(LinuxCalls calls, List<String> paths) throws LinuxException {
        this.calls = calls;
        this.paths = paths;
        this.inotify = new Fd(calls, calls.inotifyInit());
        boolean done = false;
        try {
            addAll();
            done = true;
        } finally {
            if (!done) {
                inotify.close();
            }
        }
    }

    @Override
    public int descriptor() {
        return inotify.number();
    }

    @Override
    public short events() {
        return Abi.POLLIN;
    }

    @Override
    public boolean take() throws LinuxException {
        boolean changed = false;
        boolean again = false;
        int length = read();
        for (int at = 0; at + HEADER <= length; ) {
            int watch = events.getInt(at);
            int mask = events.getInt(at + 4);
            int nameLength = events.getInt(at + 12);
            if (concerns(watch, mask, at + HEADER, nameLength)) {
                changed = true;
                boolean direct = namesOnly.containsKey(watch) && !whole.contains(watch);
                again |= (mask & LOST) != 0 || ((mask & ENTRIES) != 0 && (direct || (mask & IN_ISDIR) != 0));
            }
            at += HEADER + nameLength;
        }
        if (again) {
            start();
        }
        return changed;
    }

    private int read() throws LinuxException {
        try {
            return calls.read(inotify.number(), events.clear());
        } catch (LinuxException e) {
            if (e.is(Errno.EAGAIN)) {
                return 0;
            }
            throw e;
        }
    }

    private boolean concerns(int watch, int mask, int nameAt, int nameLength) {
        Set<String> names = namesOnly.get(watch);
        if (whole.contains(watch) || names == null || (mask & LOST) != 0) {
            return true;
        }
        int end = 0;
        while (end < nameLength && events.get(nameAt + end) != 0) {
            end++;
        }
        byte[] name = new byte[end];
        events.get(nameAt, name);
        return names.contains(new String(name, StandardCharsets.UTF_8));
    }

    /** Forgets all watches and makes them anew. */
    private void start() throws LinuxException {
        Fd fresh = new Fd(calls, calls.inotifyInit());
        inotify.close();
        inotify = fresh;
        namesOnly.clear();
        whole.clear();
        addAll();
    }

    private void addAll() throws LinuxException {
        for (String path : paths) {
            watchAbove(path);
            Statx stat = stat(path, 0);
            if (stat != null && stat.isDirectory()) {
                // With a slash behind it, so that a link given by the user is followed.
                watchTree(PathBytes.of(path.endsWith("/") ? path : path + "/"));
            } else if (stat != null) {
                add(PathBytes.of(path), null);
            }
        }
    }

    /** Watches the nearest directory above that exists, for the name on the way to the path. */
    private void watchAbove(String path) throws LinuxException {
        String name = path;
        while (name.length() > 1) {
            int slash = name.lastIndexOf('/');
            String above = slash <= 0 ? "/" : name.substring(0, slash);
            String child = name.substring(slash + 1);
            if (add(PathBytes.of(above), child)) {
                return;
            }
            name = above;
        }
    }

    private void watchTree(byte[] top) throws LinuxException {
        try (Directory directory = open(top)) {
            if (directory != null && add(top, null)) {
                watchBelow(directory, 0);
            }
        }
    }

    private @Nullable Directory open(byte[] path) throws LinuxException {
        try {
            return Directory.open(calls, new String(path, StandardCharsets.UTF_8));
        } catch (LinuxException e) {
            if (isAbsent(e)) {
                return null;
            }
            throw e;
        }
    }

    private void watchBelow(Directory directory, int depth) throws LinuxException {
        DirectoryReader reader = new DirectoryReader(calls);
        reader.start(directory.number());
        while (reader.next()) {
            boolean maybe = reader.type() == Abi.S_IFDIR || reader.type() == DirectoryReader.UNKNOWN;
            if (maybe && depth < 64 && whole.size() < MOST_DIRECTORIES) {
                watchChild(directory, reader.name(), depth + 1);
            }
        }
    }

    private void watchChild(Directory parent, byte[] name, int depth) throws LinuxException {
        try (Directory child = parent.openDirectory(name)) {
            add(PathBytes.ofDescriptor(child.number()), null);
            watchBelow(child, depth);
        } catch (LinuxException e) {
            // Gone meanwhile, a file after all, or another mount inside the tree.
            if (!isAbsent(e) && !e.is(Errno.EXDEV)) {
                throw e;
            }
        }
    }

    /** Adds a watch; false when there is no such file. */
    private boolean add(byte[] path, @Nullable String onlyName) throws LinuxException {
        int watch;
        try {
            watch = calls.inotifyAddWatch(inotify.number(), path, MASK);
        } catch (LinuxException e) {
            if (isAbsent(e)) {
                return false;
            }
            throw e;
        }
        if (onlyName == null) {
            whole.add(watch);
        } else {
            namesOnly.computeIfAbsent(watch, key -> new HashSet<>()).add(onlyName);
        }
        return true;
    }

    private @Nullable Statx stat(String path, int flags) throws LinuxException {
        Statx stat = new Statx();
        try {
            calls.statx(Abi.AT_FDCWD, PathBytes.of(path), flags, Abi.STATX_BASIC_STATS, stat);
            return stat;
        } catch (LinuxException e) {
            if (isAbsent(e)) {
                return null;
            }
            throw e;
        }
    }

    private static boolean isAbsent(LinuxException e) {
        return e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.EACCES);
    }

    @Override
    public void close() {
        inotify.close();
    }
}
