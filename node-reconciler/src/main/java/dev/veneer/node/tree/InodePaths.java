package dev.veneer.node.tree;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A path for each of very many files, in constant memory: they lie in a scratch file one after the other. */
public final class InodePaths implements AutoCloseable {
    private static final int IN_MEMORY = 4096;

    private final InodeTable table;
    private final LinuxCalls calls;
    private final int scratchDirectory;
    private @Nullable ScratchFile paths;
    private long end;

    /** @param scratchDirectory a directory of ours where scratch files may be made */
    public InodePaths(LinuxCalls calls, int scratchDirectory) {
        this.calls = calls;
        this.scratchDirectory = scratchDirectory;
        this.table = new InodeTable(calls, scratchDirectory, IN_MEMORY);
    }

    /** The path of a file, or null. */
    public byte @Nullable [] get(Statx stat) throws LinuxException {
        return get(stat.dev(), stat.ino);
    }

    /** The same by its device and number. */
    public byte @Nullable [] get(long device, long number) throws LinuxException {
        byte[] known = table.get(device, number);
        if (known == null) {
            return null;
        }
        ByteBuffer value = ByteBuffer.wrap(known);
        ByteBuffer found = ByteBuffer.allocate(value.getInt(8));
        if (found.capacity() > 0) {
            file().read(found, value.getLong(0));
        }
        return found.array();
    }

    /** Sets it; may be empty. */
    public void put(long device, long number, byte[] path) throws LinuxException {
        byte[] value = new byte[InodeTable.VALUE_BYTES];
        ByteBuffer.wrap(value).putLong(end).putInt(path.length);
        if (path.length > 0) {
            file().write(ByteBuffer.wrap(path), end);
            end += path.length;
        }
        table.put(device, number, value);
    }

    private ScratchFile file() throws LinuxException {
        ScratchFile open = paths;
        if (open == null) {
            open = ScratchFile.open(calls, scratchDirectory);
            paths = open;
        }
        return open;
    }

    @Override
    public void close() {
        table.close();
        if (paths != null) {
            paths.close();
        }
    }
}
