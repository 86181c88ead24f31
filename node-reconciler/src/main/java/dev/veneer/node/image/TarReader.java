package dev.veneer.node.image;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar archive entry by entry: v7, ustar, GNU, star and pax, with names as bytes. Everything that an archive
 * says is checked; what does not hold is refused with the entry's name.
 *
 * <p>After {@link #next}, {@link #read} gives the bytes that the archive holds for the entry.
 */
final class TarReader {
    private static final int BLOCK = 512;
    private static final int MAX_EXTENDED = 1 << 20;
    private static final int MAX_HEADERS = 64;
    private static final byte[] UNNAMED = {'?'};

    private final InputStream in;
    private final byte[] block = new byte[BLOCK];
    private final byte[] skipped = new byte[64 * 1024];
    private final PaxRecords global = new PaxRecords();
    private byte[] lastName = UNNAMED;
    private long left;
    private int padding;
    private long position;

    TarReader(InputStream in) {
        this.in = in;
    }

    /** The next entry, or null at the archive's end marker. */
    @Nullable
    TarEntry next() throws IOException, NodeException {
        skip(left + padding);
        left = 0;
        padding = 0;
        PaxRecords own = new PaxRecords();
        byte[] longName = null;
        byte[] longLink = null;
        for (int headers = 0; headers < MAX_HEADERS; headers++) {
            readBlock();
            if (isZero()) {
                return null;
            }
            checkSum();
            char flag = (char) (block[156] & 0xff);
            try {
                switch (flag) {
                    case 'x', 'X' -> own.add(extended());
                    case 'g' -> global.add(extended());
                    case 'L' -> longName = text(extended(), 0, MAX_EXTENDED);
                    case 'K' -> longLink = text(extended(), 0, MAX_EXTENDED);
                    case 'V' -> skip(padded(TarNumbers.field(block, 124, 12)));
                    default -> {
                        PaxRecords records = new PaxRecords();
                        records.addAll(global);
                        records.addAll(own);
                        return entry(flag, records, longName, longLink);
                    }
                }
            } catch (TarNumbers.BadNumber e) {
                throw damaged("has " + e.getMessage());
            }
        }
        throw damaged("has more than " + MAX_HEADERS + " headers");
    }

    /** Reads bytes of the entry at hand; -1 after its last one. */
    int read(byte[] into, int offset, int length) throws IOException, NodeException {
        if (left == 0) {
            return -1;
        }
        int count = in.read(into, offset, (int) Math.min(length, left));
        if (count < 0) {
            throw cutShort();
        }
        left -= count;
        position += count;
        return count;
    }

    /** Bytes of the tar read so far: after {@link #next}, where the entry's content begins. */
    long position() {
        return position;
    }

    private TarEntry entry(char flag, PaxRecords records, byte @Nullable [] longName, byte @Nullable [] longLink)
            throws IOException, NodeException, TarNumbers.BadNumber {
        TarHeader header = new TarHeader(block, records);
        lastName = header.name(longName);
        TarEntry entry = header.entry(flag, lastName, longLink);
        setData(entry.storedSize);
        if (flag == 'S') {
            entry.sparse = oldSparse();
        } else if (records.has("GNU.sparse.major") && records.number("GNU.sparse.major", 0) == 1) {
            entry.sparse = sparseInData(entry);
        }
        if (entry.sparse != null) {
            if (!entry.sparse.fits(entry.size, left)) {
                throw damaged("has a map of holes that does not fit its size");
            }
        } else if (entry.type == null || entry.type != FileType.REGULAR) {
            if (flag != 'D' && left != 0) {
                throw damaged("is of type '" + flag + "' and yet has content");
            }
        }
        return entry;
    }

    /** The map of GNU tar's old sparse format: four parts in the header, the rest in blocks after it. */
    private SparseMap oldSparse() throws IOException, NodeException, TarNumbers.BadNumber {
        SparseMap map = new SparseMap();
        addParts(map, 386, 4);
        boolean more = block[482] != 0;
        while (more) {
            readBlock();
            addParts(map, 0, 21);
            more = block[504] != 0;
        }
        return map;
    }

    private void addParts(SparseMap map, int offset, int parts) throws NodeException, TarNumbers.BadNumber {
        for (int at = offset; at < offset + 24 * parts && block[at] != 0; at += 24) {
            if (!map.add(TarNumbers.field(block, at, 12), TarNumbers.field(block, at + 12, 12))) {
                throw damaged("has a map of holes that is out of order or too long");
            }
        }
    }

    /** The map of pax sparse format 1.0: decimal lines in the first blocks of the content. */
    private SparseMap sparseInData(TarEntry entry) throws IOException, NodeException, TarNumbers.BadNumber {
        SparseMap map = new SparseMap();
        int at = BLOCK;
        long wanted = 1;
        long offset = -1;
        boolean counted = false;
        byte[] line = new byte[24];
        while (wanted > 0) {
            int length = 0;
            while (true) {
                if (at == BLOCK) {
                    if (left < BLOCK) {
                        throw damaged("has a map of holes longer than its content");
                    }
                    readBlock();
                    left -= BLOCK;
                    entry.storedSize -= BLOCK;
                    at = 0;
                }
                byte b = block[at++];
                if (b == '\n') {
                    break;
                }
                if (length == line.length) {
                    throw damaged("has a map of holes that is not decimal");
                }
                line[length++] = b;
            }
            long value = TarNumbers.decimal(line, 0, length);
            wanted--;
            if (!counted) {
                counted = true;
                if (value > SparseMap.MAX_PARTS) {
                    throw damaged("has a map of holes of " + value + " parts");
                }
                wanted = 2 * value;
            } else if (offset < 0) {
                offset = value;
            } else {
                if (!map.add(offset, value)) {
                    throw damaged("has a map of holes that is out of order");
                }
                offset = -1;
            }
        }
        return map;
    }

    private byte[] extended() throws IOException, NodeException, TarNumbers.BadNumber {
        long size = TarNumbers.field(block, 124, 12);
        if (size < 0 || size > MAX_EXTENDED) {
            throw damaged("has an extended header of " + size + " bytes");
        }
        byte[] data = new byte[(int) size];
        setData(size);
        for (int at = 0; at < data.length; ) {
            at += read(data, at, data.length - at);
        }
        skip(padding);
        padding = 0;
        return data;
    }

    private void setData(long size) {
        left = size;
        padding = (int) (-size & (BLOCK - 1));
    }

    private long padded(long size) throws NodeException {
        if (size < 0 || size > Long.MAX_VALUE - BLOCK) {
            throw damaged("has an impossible size");
        }
        return (size + BLOCK - 1) / BLOCK * BLOCK;
    }

    private void skip(long count) throws IOException, NodeException {
        long toSkip = count;
        while (toSkip > 0) {
            long done = toSkip > skipped.length ? in.skip(toSkip) : 0;
            if (done == 0) {
                done = in.read(skipped, 0, (int) Math.min(skipped.length, toSkip));
            }
            if (done < 0) {
                throw cutShort();
            }
            toSkip -= done;
            position += done;
        }
    }

    private void readBlock() throws IOException, NodeException {
        int done = in.readNBytes(block, 0, BLOCK);
        position += done;
        if (done < BLOCK) {
            throw cutShort();
        }
    }

    private boolean isZero() {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    private void checkSum() throws NodeException {
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < BLOCK; i++) {
            byte b = i >= 148 && i < 156 ? (byte) ' ' : block[i];
            unsigned += b & 0xff;
            signed += b;
        }
        long stated;
        try {
            stated = TarNumbers.field(block, 148, 8);
        } catch (TarNumbers.BadNumber e) {
            stated = -1;
        }
        if (stated != unsigned && stated != signed) {
            throw position == BLOCK
                    ? Refusals.content("is not a tar archive, neither plain nor compressed by gzip, xz or zstd")
                    : Refusals.content("the archive is damaged at byte " + (position - BLOCK)
                            + " of the tar, after entry '" + Bytes.show(lastName) + "': no header there");
        }
    }

    /** A field of the header or a long name: up to the first NUL. */
    static byte[] text(byte[] from, int offset, int length) {
        int end = offset;
        int limit = Math.min(from.length, offset + length);
        while (end < limit && from[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(from, offset, end);
    }

    private NodeException damaged(String how) {
        return Refusals.content("near entry '" + Bytes.show(lastName) + "' the archive " + how);
    }

    private NodeException cutShort() {
        return Refusals.content("the archive is cut short: it ends after " + position
                + " bytes of the tar, after entry '" + Bytes.show(lastName) + "'");
    }
}
