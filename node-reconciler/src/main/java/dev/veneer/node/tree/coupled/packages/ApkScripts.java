package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.StateFile;
import dev.veneer.node.tree.merge.MergeTree;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * The archive of the packages' scripts, by entry. An entry is called {@code NAME-VERSION.CHECKSUM.PHASE}; its bytes are
 * kept as they are.
 *
 * @param entries in their order
 * @param content of the file that they were read from
 */
record ApkScripts(List<Entry> entries, Bytes content) {
    static final ApkScripts NONE = new ApkScripts(List.of(), Bytes.EMPTY);

    private static final int BLOCK = 512;
    private static final int NAME = 100;
    private static final int SIZE = 124;
    private static final int CHECKSUM = 148;
    private static final int TYPE = 156;
    private static final int PREFIX = 345;
    private static final int PREFIX_LENGTH = 155;

    /**
     * A script.
     *
     * @param owner name and version of its package with a dash between them; empty for what is no package's script
     * @param blocks its headers and its content
     */
    record Entry(Bytes owner, Bytes blocks) {}

    ApkScripts {
        entries = List.copyOf(entries);
    }

    /**
     * Reads an archive; one whose name ends so is compressed. None when the tree has no such file.
     *
     * @throws MalformedState when it is no archive, or cut short
     */
    static ApkScripts read(MergeTree tree, Bytes path) throws LinuxException, NodeException, MalformedState {
        Bytes content = StateFile.read(tree, path);
        if (content == null) {
            return NONE;
        }
        byte[] all = isCompressed(path) ? decompress(path, content) : content.array();
        return new ApkScripts(entries(path, all), content);
    }

    private static boolean isCompressed(Bytes path) {
        return Octets.ascii(path).endsWith(".gz");
    }

    private static byte[] decompress(Bytes path, Bytes content) throws MalformedState {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(content.array()))) {
            byte[] all = in.readNBytes(StateFile.LIMIT + 1);
            if (all.length > StateFile.LIMIT) {
                throw new MalformedState(path, "holds more than " + StateFile.LIMIT + " bytes");
            }
            return all;
        } catch (IOException e) {
            throw new MalformedState(path, "cannot be decompressed: " + e.getMessage());
        }
    }

    private static List<Entry> entries(Bytes path, byte[] all) throws MalformedState {
        List<Entry> entries = new ArrayList<>();
        int begin = 0;
        int at = 0;
        Bytes longName = Bytes.EMPTY;
        while (at < all.length) {
            if (all.length - at < BLOCK) {
                throw new MalformedState(path, "ends in the middle of an entry");
            }
            if (isEmpty(all, at)) {
                break;
            }
            if (sum(all, at) != number(path, all, at + CHECKSUM, 8)) {
                throw new MalformedState(path, "has a header whose checksum is wrong");
            }
            long size = number(path, all, at + SIZE, 12);
            long end = at + BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
            if (size > StateFile.LIMIT || end > all.length) {
                throw new MalformedState(path, "ends in the middle of an entry");
            }
            Bytes data = Bytes.copy(all, at + BLOCK, (int) (at + BLOCK + size));
            byte type = all[at + TYPE];
            if (type == 'L') {
                longName = text(data.array(), 0, data.length());
            } else if (type == 'x' || type == 'g') {
                longName = extended(data, longName);
            } else {
                Bytes name = longName.isEmpty() ? name(all, at) : longName;
                entries.add(new Entry(owner(name), Bytes.copy(all, begin, (int) end)));
                longName = Bytes.EMPTY;
                begin = (int) end;
            }
            at = (int) end;
        }
        if (begin != at) {
            throw new MalformedState(path, "ends behind the header of an entry's name");
        }
        return entries;
    }

    private static boolean isEmpty(byte[] all, int at) {
        for (int i = at; i < at + BLOCK; i++) {
            if (all[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Of a header, with the field that holds it taken as blanks. */
    private static long sum(byte[] all, int at) {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            boolean itself = i >= CHECKSUM && i < CHECKSUM + 8;
            sum += itself ? ' ' : all[at + i] & 0xff;
        }
        return sum;
    }

    private static long number(Bytes path, byte[] all, int from, int length) throws MalformedState {
        String digits = Octets.ascii(text(all, from, from + length)).strip();
        if (!digits.matches("[0-7]{1,11}")) {
            throw new MalformedState(path, "has a header with a number that cannot be read");
        }
        return Long.parseLong(digits, 8);
    }

    private static Bytes name(byte[] all, int at) {
        Bytes name = text(all, at, at + NAME);
        Bytes prefix = all[at + TYPE + 101] == 'u' ? text(all, at + PREFIX, at + PREFIX + PREFIX_LENGTH) : Bytes.EMPTY;
        return prefix.isEmpty() ? name : Octets.below(prefix, name);
    }

    private static Bytes text(byte[] all, int from, int to) {
        int end = from;
        while (end < to && all[end] != 0) {
            end++;
        }
        return Bytes.copy(all, from, end);
    }

    /** The name that a header of lines {@code LENGTH KEYWORD=VALUE} gives. */
    private static Bytes extended(Bytes data, Bytes before) {
        Bytes name = before;
        for (Bytes line : Octets.split(data, '\n')) {
            int blank = Octets.indexOf(line, ' ');
            Bytes record = Octets.tail(line, blank + 1);
            if (record.startsWith("path=")) {
                name = Octets.tail(record, 5);
            }
        }
        return name;
    }

    /** All before the last dot but one: a checksum has none, and a phase neither. */
    private static Bytes owner(Bytes name) {
        int phase = Octets.lastIndexOf(name, '.');
        int sum = phase < 0 ? -1 : Octets.lastIndexOf(Octets.head(name, phase), '.');
        return sum < 0 ? Bytes.EMPTY : Octets.head(name, sum);
    }

    /** An archive of entries, as a file of this name holds it. */
    static Bytes text(Bytes path, List<Entry> entries) {
        List<Bytes> parts = new ArrayList<>();
        entries.forEach(entry -> parts.add(entry.blocks()));
        parts.add(Bytes.wrap(new byte[2 * BLOCK]));
        Bytes all = Octets.join(parts, "");
        if (!isCompressed(path)) {
            return all;
        }
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
            out.write(all.array());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail so
        }
        return Bytes.wrap(compressed.toByteArray());
    }
}
