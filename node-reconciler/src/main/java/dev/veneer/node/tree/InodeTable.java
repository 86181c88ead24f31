package dev.veneer.node.tree;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A map from a file (device and inode number) to {@value #VALUE_BYTES} bytes, in constant memory: small ones are kept
 * in memory, larger ones in a scratch file whose hot part is the page cache's business. Open addressing with linear
 * probing; neighbouring inode numbers lie in neighbouring slots, as file systems give them out.
 */
public final class InodeTable implements AutoCloseable {
    /** Bytes of a value. */
    public static final int VALUE_BYTES = 40;

    private static final int SLOT_BYTES = 16 + VALUE_BYTES;
    private static final int FIRST_SLOTS = 1 << 10;
    private static final int COPY_BYTES = SLOT_BYTES * 1024;

    private final LinuxCalls calls;
    private final int scratchDirectory;
    private final long slotsInMemory;
    private final ByteBuffer slot = ByteBuffer.allocate(SLOT_BYTES);

    /** None for a table that nothing is put into, as of most trees. */
    private ByteBuffer memory = ByteBuffer.allocate(0);

    private @Nullable ScratchFile file;
    private long slots = FIRST_SLOTS;
    private long used;

    /**
     * @param scratchDirectory a directory of ours where a scratch file may be made
     * @param entriesInMemory how many entries at most are kept in memory
     */
    public InodeTable(LinuxCalls calls, int scratchDirectory, int entriesInMemory) {
        this.calls = calls;
        this.scratchDirectory = scratchDirectory;
        this.slotsInMemory = Math.max(FIRST_SLOTS, 2L * entriesInMemory);
    }

    /** How many files it knows. */
    public long size() {
        return used;
    }

    /** Sets a file's value. */
    public void put(long device, long inode, byte[] value) throws LinuxException {
        if (value.length != VALUE_BYTES) {
            throw new IllegalArgumentException("a value has " + VALUE_BYTES + " bytes, not " + value.length);
        }
        if (used == 0 && file == null && memory.capacity() == 0) {
            memory = ByteBuffer.allocate(FIRST_SLOTS * SLOT_BYTES);
        }
        if (2 * (used + 1) > slots) {
            grow();
        }
        if (insert(device, inode, value)) {
            used++;
        }
    }

    /** A file's value, or null. */
    public byte @Nullable [] get(long device, long inode) throws LinuxException {
        if (used == 0) {
            return null;
        }
        // Zero marks a free slot; no file has inode number 0.
        for (long at = home(inode); ; at = (at + 1) & (slots - 1)) {
            load(at);
            long found = slot.getLong(8);
            if (found == 0) {
                return null;
            }
            if (found == inode && slot.getLong(0) == device) {
                byte[] value = new byte[VALUE_BYTES];
                slot.get(16, value);
                return value;
            }
        }
    }

    private boolean insert(long device, long inode, byte[] value) throws LinuxException {
        for (long at = home(inode); ; at = (at + 1) & (slots - 1)) {
            load(at);
            long found = slot.getLong(8);
            if (found == 0 || (found == inode && slot.getLong(0) == device)) {
                slot.putLong(0, device).putLong(8, inode).put(16, value);
                store(at);
                return found == 0;
            }
        }
    }

    /**
     * By Fibonacci hashing: XFS numbers the inodes of its allocation groups alike but for high bits, so that the low ones
     * would make long runs of taken slots.
     */
    private long home(long inode) {
        return (inode * 0x9E3779B97F4A7C15L) >>> (Long.numberOfLeadingZeros(slots) + 1);
    }

    private void load(long at) throws LinuxException {
        slot.clear();
        if (file == null) {
            slot.put(0, memory, (int) at * SLOT_BYTES, SLOT_BYTES);
        } else {
            file.read(slot, at * SLOT_BYTES);
        }
    }

    private void store(long at) throws LinuxException {
        slot.clear();
        if (file == null) {
            memory.put((int) at * SLOT_BYTES, slot, 0, SLOT_BYTES);
        } else {
            file.write(slot, at * SLOT_BYTES);
        }
    }

    private void grow() throws LinuxException {
        ByteBuffer oldMemory = memory;
        ScratchFile oldFile = file;
        long oldSlots = slots;
        ScratchFile larger = 2 * oldSlots <= slotsInMemory ? null : scratch(2 * oldSlots * SLOT_BYTES);
        slots = 2 * oldSlots;
        if (larger == null) {
            memory = ByteBuffer.allocate((int) slots * SLOT_BYTES);
        } else {
            memory = ByteBuffer.allocate(0);
            file = larger;
        }
        ByteBuffer part = oldFile == null ? oldMemory : ByteBuffer.allocateDirect(COPY_BYTES);
        try {
            for (long at = 0; at < oldSlots * SLOT_BYTES; at += part.limit()) {
                part.clear();
                if (oldFile != null) {
                    oldFile.read(part, at);
                }
                reinsert(part);
            }
        } finally {
            if (oldFile != null) {
                oldFile.close();
            }
        }
    }

    private ScratchFile scratch(long bytes) throws LinuxException {
        ScratchFile made = ScratchFile.open(calls, scratchDirectory);
        boolean resized = false;
        try {
            made.resize(bytes);
            resized = true;
            return made;
        } finally {
            if (!resized) {
                made.close();
            }
        }
    }

    private void reinsert(ByteBuffer part) throws LinuxException {
        byte[] value = new byte[VALUE_BYTES];
        for (int at = 0; at < part.limit(); at += SLOT_BYTES) {
            long inode = part.getLong(at + 8);
            if (inode != 0) {
                part.get(at + 16, value);
                insert(part.getLong(at), inode, value);
            }
        }
    }

    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
    }
}
