package dev.veneer.node.tree;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The names in one directory, sorted byte-wise and packed: four bytes a name besides its own, since a directory may
 * hold a million.
 */
public final class DirectoryNames {
    private static final int RAW_BYTES = 64 * 1024;
    private static final int NAME_OFFSET = 19;

    private byte[] bytes = new byte[512];
    private int[] starts = new int[32];
    private int count;
    private int end;

    /** Of an empty directory. */
    static final DirectoryNames NONE = new DirectoryNames();

    /**
     * For the raw records: one a thread, since a node's slivers are all measured and looked at by threads that live on, and
     * native memory is given back only when the collector happens to run.
     */
    private static final ThreadLocal<ByteBuffer> RAW =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(RAW_BYTES).order(ByteOrder.nativeOrder()));

    private DirectoryNames() {}

    /** Native memory of the calling thread for the records of one {@code getdents64}, until the next call. */
    static ByteBuffer raw() {
        return RAW.get().clear();
    }

    /** Thrown when there are more names than allowed. */
    public static final class TooMany extends Exception {
        private static final long serialVersionUID = 1L;

        TooMany(int limit) {
            super("a directory has more than " + limit + " names");
        }
    }

    /**
     * Reads all of a directory, from where the descriptor stands.
     *
     * @param limit most names
     */
    static DirectoryNames read(LinuxCalls calls, int fd, int limit) throws LinuxException, TooMany {
        DirectoryNames names = new DirectoryNames();
        ByteBuffer buffer = raw();
        while (true) {
            buffer.clear();
            int length = calls.getdents64(fd, buffer);
            if (length <= 0) {
                break;
            }
            for (int at = 0; at < length; ) {
                int recordLength = buffer.getShort(at + 16) & 0xffff;
                names.add(buffer, at + NAME_OFFSET, at + recordLength);
                at += recordLength;
            }
            if (names.count > limit) {
                throw new TooMany(limit);
            }
        }
        names.sort();
        return names;
    }

    /** All names in a directory, however many. */
    public static DirectoryNames all(LinuxCalls calls, int fd) throws LinuxException {
        try {
            return read(calls, fd, Integer.MAX_VALUE);
        } catch (TooMany e) {
            throw new AssertionError(e);
        }
    }

    /** Whether two directories have the same names. */
    public boolean sameAs(DirectoryNames other) {
        return Arrays.equals(starts, other.starts) ? Arrays.equals(bytes, other.bytes) : sameNames(other);
    }

    private boolean sameNames(DirectoryNames other) {
        for (int i = 0; i < count; i++) {
            if (i >= other.count || !Arrays.equals(name(i), other.name(i))) {
                return false;
            }
        }
        return count == other.count;
    }

    /**
     * All names in a directory, sorted.
     *
     * @param limit most names
     */
    public static List<Bytes> list(LinuxCalls calls, int fd, int limit) throws LinuxException, TooMany {
        DirectoryNames names = read(calls, fd, limit);
        List<Bytes> list = new ArrayList<>(names.count);
        for (int i = 0; i < names.count; i++) {
            list.add(Bytes.wrap(names.name(i)));
        }
        return list;
    }

    private void add(ByteBuffer buffer, int from, int to) {
        int length = 0;
        while (from + length < to && buffer.get(from + length) != 0) {
            length++;
        }
        boolean dot = length == 1 && buffer.get(from) == '.';
        boolean dots = length == 2 && buffer.get(from) == '.' && buffer.get(from + 1) == '.';
        if (length == 0 || dot || dots) {
            return;
        }
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, 2 * count);
        }
        if (end + length + 1 > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, end + length + 1));
        }
        starts[count++] = end;
        buffer.get(from, bytes, end, length);
        end += length;
        // A NUL ends it in the pack too: no name contains one, and it sorts before every other byte.
        bytes[end++] = 0;
    }

    private void sort() {
        starts = Arrays.copyOf(starts, count);
        bytes = Arrays.copyOf(bytes, end);
        if (count > 1) {
            int[] spare = starts.clone();
            mergeSort(spare, starts, 0, count);
        }
    }

    /** Sorts {@code to}, which holds the same as {@code from}; primitive, since boxing a million offsets costs more. */
    private void mergeSort(int[] from, int[] to, int low, int high) {
        if (high - low < 8) {
            for (int i = low + 1; i < high; i++) {
                int moving = to[i];
                int j = i;
                for (; j > low && compare(to[j - 1], moving) > 0; j--) {
                    to[j] = to[j - 1];
                }
                to[j] = moving;
            }
            return;
        }
        int middle = (low + high) >>> 1;
        mergeSort(to, from, low, middle);
        mergeSort(to, from, middle, high);
        int a = low;
        int b = middle;
        for (int i = low; i < high; i++) {
            to[i] = b >= high || (a < middle && compare(from[a], from[b]) <= 0) ? from[a++] : from[b++];
        }
    }

    private int compare(int a, int b) {
        while (bytes[a] == bytes[b] && bytes[a] != 0) {
            a++;
            b++;
        }
        return Integer.compare(bytes[a] & 0xff, bytes[b] & 0xff);
    }

    /** How many. */
    public int count() {
        return count;
    }

    /** One of them, in order. */
    public byte[] name(int index) {
        int start = starts[index];
        int stop = start;
        while (bytes[stop] != 0) {
            stop++;
        }
        return Arrays.copyOfRange(bytes, start, stop);
    }
}
