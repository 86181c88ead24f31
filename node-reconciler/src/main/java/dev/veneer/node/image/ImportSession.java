package dev.veneer.node.image;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Xattr;
import dev.veneer.node.tree.XattrPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What one run of an import counts, against its limits, and tells. */
final class ImportSession {
    private static final long PROGRESS_NANOS = 200_000_000;

    private final LinuxCalls calls;
    private final ImportLimits limits;
    private final ImportListener listener;
    private final AtomicLong readBytes = new AtomicLong();
    private final SortedMap<String, Long> left = new TreeMap<>();
    private final List<String> notes = new ArrayList<>();
    private final long begin = System.nanoTime();
    private long lastProgress = begin;
    private long totalBytes = -1;
    private long entries;
    private long bytes;
    private @Nullable WriteBehind behind;

    ImportSession(LinuxCalls calls, ImportLimits limits, ImportListener listener) {
        this.calls = calls;
        this.limits = limits;
        this.listener = listener;
    }

    LinuxCalls calls() {
        return calls;
    }

    ImportLimits limits() {
        return limits;
    }

    /** Counts bytes of the source as they are read; by the reading thread. */
    AtomicLong readBytes() {
        return readBytes;
    }

    /** Has the disk kept busy meanwhile. */
    void writeBehind(WriteBehind with) {
        behind = with;
    }

    /** Sets how many bytes the source has; -1 when that is not known. */
    void expect(long total) {
        totalBytes = total;
    }

    /** Forgets what a failed attempt counted, before the next one. */
    void restart() {
        readBytes.set(0);
        left.clear();
        entries = 0;
        bytes = 0;
    }

    /** Counts an entry; the place where an import is cancelled. */
    void entry(byte[] name) throws NodeException {
        if (++entries > limits.entries()) {
            throw Refusals.entry(name, "is beyond the limit of " + limits.entries() + " entries");
        }
        checkpoint();
    }

    /** Counts a file's size before any of it is written. */
    void reserve(byte[] name, long size) throws NodeException {
        if (size < 0 || size > limits.bytes() - bytes) {
            throw Refusals.entry(
                    name, "brings the sum of the files' sizes over the limit of " + limits.bytes() + " bytes");
        }
        if (behind != null) {
            // What is there so far, without the file that is only beginning.
            behind.reached(bytes);
        }
        bytes += size;
    }

    /** Tells progress when it is time to, and gives up when that is wanted. */
    void checkpoint() throws NodeException {
        long now = System.nanoTime();
        if (now - lastProgress >= PROGRESS_NANOS) {
            lastProgress = now;
            progress(now);
        }
        if (listener.cancelled()) {
            throw new NodeException(Reason.Progressing, Follow.RETRY, "the import was cancelled");
        }
    }

    void progress() {
        progress(System.nanoTime());
    }

    private void progress(long now) {
        listener.progress(
                new ImportProgress(readBytes.get(), totalBytes, bytes, entries, Duration.ofNanos(now - begin)));
    }

    /** Counts something that was left out. */
    void leftOut(String what) {
        leftOut(what, 1);
    }

    void leftOut(String what, long count) {
        left.merge(what, count, Long::sum);
    }

    /** Notes something for people that a further attempt does not undo. */
    void note(String notice) {
        notes.add(notice);
    }

    /** What was noted and what was left out, a sentence each. */
    List<String> notices() {
        List<String> notices = new ArrayList<>(notes);
        left.forEach((what, count) -> notices.add(count + " × " + what + " left out"));
        return notices;
    }

    /** The attributes that are kept, sorted; refuses what is an overlay's own or malformed. */
    List<Xattr> keep(byte[] name, FileType type, List<Xattr> xattrs) throws NodeException {
        if (xattrs.isEmpty()) {
            return xattrs;
        }
        SortedMap<Bytes, Xattr> kept = new TreeMap<>();
        for (Xattr xattr : xattrs) {
            switch (XattrPolicy.judge(xattr.name())) {
                case REFUSE ->
                    throw Refusals.entry(
                            name, "has the attribute " + xattr.name() + ", which an overlay would take for its own");
                case DROP -> leftOut("attribute " + XattrPolicy.family(xattr.name()));
                case KEEP -> {
                    check(name, type, xattr);
                    kept.put(xattr.name(), xattr);
                }
            }
        }
        return kept.isEmpty() ? Collections.emptyList() : new ArrayList<>(kept.values());
    }

    private static void check(byte[] name, FileType type, Xattr xattr) throws NodeException {
        byte[] key = xattr.name().array();
        boolean mayHaveUsers = type == FileType.REGULAR || type == FileType.DIRECTORY;
        if (!mayHaveUsers && xattr.name().toString().startsWith("user.")) {
            throw Refusals.entry(
                    name, "has the attribute " + xattr.name() + ", which only files and directories can have");
        }
        for (byte b : key) {
            if (b == 0) {
                throw Refusals.entry(name, "has an attribute whose name contains a NUL byte");
            }
        }
        if (key.length > 255 || xattr.value().length() > 65536) {
            throw Refusals.entry(name, "has an attribute larger than Linux allows: " + xattr.name());
        }
        if (xattr.name().equals(XattrPolicy.CAPABILITY)
                && !XattrPolicy.isCapabilityValue(xattr.value().array())) {
            throw Refusals.entry(name, "has file capabilities of an unknown form");
        }
    }
}
