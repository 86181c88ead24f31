package dev.veneer.node.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Native memory of one thread for the arguments of one system call: up to four paths, a structure, and a value (made
 * on first need). Reused call after call, so that a call allocates nothing.
 */
final class Scratch {
    /** The kernel's limit of a path with its NUL. */
    static final int PATH_MAX = 4096;

    /** Enough for every structure passed here; the largest are {@code struct statx} and 64 pollfds. */
    static final int STRUCT_MAX = 1024;

    /** The kernel's limit of an extended attribute's value, and of the list of their names. */
    static final int VALUE_MAX = 65536;

    private static final int PATHS = 4;
    private static final int STRUCT_AT = PATHS * PATH_MAX;

    private final NativeSyscall kernel;
    private final long base;
    private @Nullable ByteBuffer value;
    private long valueBase;

    /** All of it; indexes from {@link #structAt} are for structures. */
    final ByteBuffer memory;

    Scratch(NativeSyscall kernel) {
        this.kernel = kernel;
        memory = ByteBuffer.allocateDirect(STRUCT_AT + STRUCT_MAX).order(ByteOrder.nativeOrder());
        base = kernel.address(memory);
    }

    /**
     * Puts a path into one of the four slots and returns its address.
     *
     * @throws LinuxException {@code EINVAL} for a NUL inside, {@code ENAMETOOLONG} for what the kernel would not take
     */
    long path(int slot, byte[] path, String call) throws LinuxException {
        if (path.length >= PATH_MAX) {
            throw new LinuxException(call, Errno.ENAMETOOLONG, PathBytes.show(path));
        }
        for (byte b : path) {
            if (b == 0) {
                throw new LinuxException(call, Errno.EINVAL, PathBytes.show(path) + " (a NUL in the name)");
            }
        }
        int at = slot * PATH_MAX;
        memory.put(at, path).put(at + path.length, (byte) 0);
        return base + at;
    }

    /** Index of the structure area in {@link #memory}. */
    int structAt() {
        return STRUCT_AT;
    }

    /** Address of the structure area. */
    long structAddress() {
        return base + STRUCT_AT;
    }

    /** The value area, cleared (position 0, limit {@link #VALUE_MAX}). */
    ByteBuffer value() {
        ByteBuffer area = value;
        if (area == null) {
            area = ByteBuffer.allocateDirect(VALUE_MAX).order(ByteOrder.nativeOrder());
            valueBase = kernel.address(area);
            value = area;
        }
        return area.clear();
    }

    /** Address of the value area. */
    long valueAddress() {
        value();
        return valueBase;
    }
}
