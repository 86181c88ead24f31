package dev.veneer.node.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads the entries of an open directory, without {@code .} and {@code ..}, in the kernel's order. One reader can be
 * reused for many directories, one after another; it holds one buffer and allocates only the names.
 *
 * <pre>{@code
 * reader.start(fd);
 * while (reader.next()) { use(reader.name(), reader.type()); }
 * }</pre>
 */
public final class DirectoryReader {
    /** File type unknown: ask {@code statx}. */
    public static final int UNKNOWN = 0;

    private static final int BUFFER = 32 * 1024;
    private static final int NAME_AT = 19;

    /** Room for the dots and for one name of any length. */
    private static final int FEW = 512;

    private final LinuxCalls calls;
    private final ByteBuffer buffer;
    private int fd = -1;
    private int at;
    private int end;
    private int record;
    private int nameEnd;

    public DirectoryReader(LinuxCalls calls) {
        this(calls, ByteBuffer.allocateDirect(BUFFER));
    }

    private DirectoryReader(LinuxCalls calls, ByteBuffer buffer) {
        this.calls = calls;
        this.buffer = buffer.order(ByteOrder.nativeOrder());
    }

    /** Whether nothing is in a directory that is open for reading and at its begin. */
    public static boolean isEmpty(LinuxCalls calls, int directory) throws LinuxException {
        DirectoryReader reader = new DirectoryReader(calls, ByteBuffer.allocate(FEW));
        reader.start(directory);
        return !reader.next();
    }

    /** Begins with a directory, open for reading and at its begin. The caller keeps and closes the descriptor. */
    public void start(int directory) {
        fd = directory;
        at = 0;
        end = 0;
    }

    /** Goes to the next entry; false when there is none. */
    public boolean next() throws LinuxException {
        do {
            if (at >= end) {
                end = calls.getdents64(fd, buffer.clear());
                at = 0;
                if (end == 0) {
                    return false;
                }
            }
            record = at;
            at += buffer.getShort(record + 16) & 0xffff;
            nameEnd = record + NAME_AT;
            while (buffer.get(nameEnd) != 0) {
                nameEnd++;
            }
        } while (isDots());
        return true;
    }

    private boolean isDots() {
        int first = record + NAME_AT;
        int length = nameEnd - first;
        return buffer.get(first) == '.' && (length == 1 || (length == 2 && buffer.get(first + 1) == '.'));
    }

    /** The entry's name, a fresh array. */
    public byte[] name() {
        byte[] name = new byte[nameEnd - record - NAME_AT];
        buffer.get(record + NAME_AT, name);
        return name;
    }

    /** The entry's type as {@code S_IFDIR} and so on, or {@link #UNKNOWN} where the file system does not tell. */
    public int type() {
        return (buffer.get(record + 18) & 0xff) << 12;
    }

    /** The entry's inode number, as the directory has it. */
    public long ino() {
        return buffer.getLong(record);
    }
}
