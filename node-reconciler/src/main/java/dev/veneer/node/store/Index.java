package dev.veneer.node.store;

import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * All records in one file, for a fast start. Only a cache: an entry counts when the record file that it stands for still
 * has the stamp noted here, and a file that is damaged or of another store counts as none at all.
 *
 * <p>Big-endian: magic {@code VENEERIX}, version (32 bits), the store's id (128), number of entries (32); for each
 * entry inode, size, mtime, ctime (64 each), length (32) and the record's JSON; at the end the CRC-32C of all before it
 * (32).
 */
final class Index {
    private static final long MAGIC = 0x56454e4545524958L;
    private static final int VERSION = 1;
    private static final int LIMIT = 1 << 29;

    /** A record and the stamp of the file that it was read from. */
    record Entry(Stamp stamp, SliverRecord record) {}

    private Index() {}

    /** What the file holds; nothing when it is absent, damaged or another store's. */
    static Map<SliverId, Entry> load(StoreFiles files, UUID store) throws LinuxException {
        try {
            return decode(existing(files), store);
        } catch (BadRecordException | BufferUnderflowException e) {
            return new HashMap<>();
        }
    }

    /** The file's content; empty when there is none that could be an index. */
    private static byte[] existing(StoreFiles files) throws LinuxException {
        try {
            return files.read(StoreLayout.INDEX, LIMIT);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT, Errno.EFBIG, Errno.EISDIR, Errno.EINVAL, Errno.ELOOP)) {
                return new byte[0];
            }
            throw e;
        }
    }

    static Map<SliverId, Entry> decode(byte[] content, UUID store) throws BadRecordException {
        ByteBuffer in = ByteBuffer.wrap(content);
        if (content.length < 36 || in.getLong() != MAGIC || in.getInt() != VERSION) {
            throw new BadRecordException("not an index of version " + VERSION);
        }
        CRC32C sum = new CRC32C();
        sum.update(content, 0, content.length - 4);
        if ((int) sum.getValue() != in.getInt(content.length - 4)) {
            throw new BadRecordException("its checksum is wrong");
        }
        if (in.getLong() != store.getMostSignificantBits() || in.getLong() != store.getLeastSignificantBits()) {
            throw new BadRecordException("it is another store's");
        }
        int count = in.getInt();
        Map<SliverId, Entry> entries = new HashMap<>();
        for (int i = 0; i < count; i++) {
            Stamp stamp = new Stamp(in.getLong(), in.getLong(), in.getLong(), in.getLong());
            int length = in.getInt();
            if (length < 0 || length > in.remaining()) {
                throw new BadRecordException("an entry is too long");
            }
            SliverRecord record = RecordCodec.sliver(JsonObject.parse(content, in.position(), length));
            in.position(in.position() + length);
            entries.put(record.id(), new Entry(stamp, record));
        }
        return entries;
    }

    static byte[] encode(List<Entry> entries, UUID store) {
        byte[][] records = new byte[entries.size()][];
        int size = 8 + 4 + 16 + 4 + 4;
        for (int i = 0; i < records.length; i++) {
            records[i] = RecordCodec.encode(entries.get(i).record());
            size += 36 + records[i].length;
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        out.putLong(MAGIC).putInt(VERSION);
        out.putLong(store.getMostSignificantBits()).putLong(store.getLeastSignificantBits());
        out.putInt(records.length);
        for (int i = 0; i < records.length; i++) {
            Stamp stamp = entries.get(i).stamp();
            out.putLong(stamp.ino())
                    .putLong(stamp.size())
                    .putLong(stamp.mtime())
                    .putLong(stamp.ctime());
            out.putInt(records[i].length).put(records[i]);
        }
        CRC32C sum = new CRC32C();
        sum.update(out.array(), 0, out.position());
        out.putInt((int) sum.getValue());
        return out.array();
    }

    /** Replaces the file where it differs. Nothing waits for the disk: a damaged one is as good as none. */
    static void save(StoreFiles files, List<Entry> entries, UUID store) throws LinuxException {
        List<Entry> inOrder = new ArrayList<>(entries);
        inOrder.sort(Comparator.comparing((Entry entry) -> entry.record().id().namespace())
                .thenComparing(entry -> entry.record().id().name()));
        byte[] content = encode(inOrder, store);
        if (Arrays.equals(content, existing(files))) {
            return;
        }
        String unfinished = StoreLayout.UNFINISHED + StoreLayout.INDEX;
        files.write(unfinished, content, false);
        files.rename(unfinished, StoreLayout.INDEX, 0);
    }
}
