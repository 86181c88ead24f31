package dev.veneer.node.image;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Builds tar archives byte by byte, right ones and wrong ones. */
final class TarBuilder {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A header of ustar with what matters; the name is cut to its field. */
    static byte[] header(byte[] name, char flag, long size, String link) {
        byte[] block = new byte[512];
        System.arraycopy(name, 0, block, 0, Math.min(100, name.length));
        put(block, 100, "0000644\0");
        put(block, 108, "0000000\0");
        put(block, 116, "0000000\0");
        put(block, 124, String.format("%011o", size) + "\0");
        put(block, 136, String.format("%011o", 1_600_000_000L) + "\0");
        block[156] = (byte) flag;
        put(block, 157, link);
        put(block, 257, "ustar\00000");
        return block;
    }

    static void put(byte[] block, int offset, String text) {
        byte[] bytes = latin1(text);
        System.arraycopy(bytes, 0, block, offset, bytes.length);
    }

    /** Sets the checksum of a header and adds it. */
    TarBuilder raw(byte[] header) {
        put(header, 148, "        ");
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, String.format("%06o\0 ", sum));
        out.writeBytes(header);
        return this;
    }

    /** Adds content with its padding. */
    TarBuilder data(byte[] content) {
        out.writeBytes(content);
        out.writeBytes(new byte[-content.length & 511]);
        return this;
    }

    TarBuilder file(String name, String content) {
        return raw(header(latin1(name), '0', content.length(), "")).data(latin1(content));
    }

    TarBuilder file(String name) {
        return file(name, "content of " + name);
    }

    TarBuilder directory(String name) {
        return directory(name, 0755);
    }

    TarBuilder directory(String name, int mode) {
        byte[] header = header(latin1(name), '5', 0, "");
        put(header, 100, String.format("%07o\0", mode));
        return raw(header);
    }

    TarBuilder symlink(String name, String target) {
        return raw(header(latin1(name), '2', 0, target));
    }

    TarBuilder hardLink(String name, String target) {
        return raw(header(latin1(name), '1', 0, target));
    }

    TarBuilder device(String name, char flag, int major, int minor) {
        byte[] header = header(latin1(name), flag, 0, "");
        put(header, 329, String.format("%07o\0", major));
        put(header, 337, String.format("%07o\0", minor));
        return raw(header);
    }

    /** An extended header for the next entry; keys and values in turn. */
    TarBuilder pax(String... records) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (int i = 0; i < records.length; i += 2) {
            data.writeBytes(record(records[i], latin1(records[i + 1])));
        }
        return extended('x', data.toByteArray());
    }

    static byte[] record(String key, byte[] value) {
        byte[] rest = latin1(" " + key + "=");
        int length = rest.length + value.length + 1;
        int digits =
                Integer.toString(length + Integer.toString(length).length()).length();
        byte[] record = Arrays.copyOf(latin1(Integer.toString(length + digits)), length + digits);
        System.arraycopy(rest, 0, record, digits, rest.length);
        System.arraycopy(value, 0, record, digits + rest.length, value.length);
        record[record.length - 1] = '\n';
        return record;
    }

    TarBuilder extended(char flag, byte[] data) {
        return raw(header(latin1("./PaxHeaders/x"), flag, data.length, "")).data(data);
    }

    /** The archive with its end marker. */
    byte[] end() {
        out.writeBytes(new byte[1024]);
        return out.toByteArray();
    }

    /** The archive as it is. */
    byte[] unended() {
        return out.toByteArray();
    }
}
