package dev.veneer.node.image;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** The files of an OCI image layout, in a directory or in a tar, which is read where it lies. */
final class OciBlobs implements AutoCloseable {
    private static final int MAX_FILES = 100_000;

    private final LinuxCalls calls;
    private final String shown;
    private final int fd;
    private final boolean isDirectory;
    private final Map<String, long[]> places = new HashMap<>();

    private OciBlobs(LinuxCalls calls, String shown, int fd, boolean isDirectory) {
        this.calls = calls;
        this.shown = shown;
        this.fd = fd;
        this.isDirectory = isDirectory;
    }

    static OciBlobs open(LinuxCalls calls, String path) throws NodeException {
        int fd;
        try {
            fd = calls.openat2(Abi.AT_FDCWD, PathBytes.of(path), Abi.O_RDONLY | Abi.O_NONBLOCK, 0, 0);
        } catch (LinuxException e) {
            throw new NodeException(Reason.FetchFailed, Follow.RETRY, "cannot read " + path + ": " + e.getMessage(), e);
        }
        boolean opened = false;
        try {
            Statx stat = new Statx();
            calls.statx(fd, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
            if (!stat.isDirectory() && !stat.isRegular()) {
                throw Refusals.content(path + " is neither a directory nor a file");
            }
            OciBlobs blobs = new OciBlobs(calls, path, fd, stat.isDirectory());
            if (stat.isRegular()) {
                blobs.list(stat.size);
            }
            opened = true;
            return blobs;
        } catch (IOException e) {
            throw ReadAhead.explain(e);
        } finally {
            if (!opened) {
                calls.close(fd);
            }
        }
    }

    private void list(long size) throws IOException, NodeException {
        try (FileStream in = FileStream.part(calls, fd, shown, 0, size, new AtomicLong())) {
            TarReader reader = new TarReader(in);
            for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                if (entry.type == FileType.REGULAR && entry.sparse == null) {
                    String name = Bytes.show(EntryPath.normalise(entry.name, ImportLimits.DEFAULT));
                    places.put(name, new long[] {reader.position(), entry.size});
                }
                if (places.size() > MAX_FILES) {
                    throw Refusals.content(shown + " has more than " + MAX_FILES + " files");
                }
            }
        }
        if (!places.containsKey("index.json")) {
            throw Refusals.content(shown + " is no tar of an OCI image layout: it has no index.json of its own"
                    + " (a compressed one has to be unpacked first)");
        }
    }

    /** The bytes of a file of the layout. */
    FileStream open(String name, AtomicLong counter) throws IOException, NodeException {
        if (!isDirectory) {
            long[] place = places.get(name);
            if (place == null) {
                throw missing(name);
            }
            return FileStream.part(calls, fd, shown + ":" + name, place[0], place[1], counter);
        }
        try {
            return FileStream.below(calls, fd, name, shown + "/" + name, counter);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                throw missing(name);
            }
            throw new SourceException("cannot read " + shown + "/" + name + ": " + e.getMessage(), e);
        }
    }

    private NodeException missing(String name) {
        return new NodeException(Reason.FetchFailed, Follow.RETRY, "the image layout " + shown + " lacks " + name);
    }

    @Override
    public void close() {
        calls.close(fd);
    }
}
