package dev.veneer.node.image;

import dev.veneer.node.tree.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The records of extended headers, {@code LENGTH KEY=VALUE\n} each, as bytes. A later record of a key replaces an
 * earlier one, but for those of sparse format 0.0, which are a list.
 */
final class PaxRecords {
    private static final int MAX_DIGITS = 10;

    private final Map<Bytes, byte[]> values = new LinkedHashMap<>();
    private final List<byte[]> sparseNumbers = new ArrayList<>();

    /** Adds the records of a header. */
    void add(byte[] data) throws TarNumbers.BadNumber {
        int at = 0;
        while (at < data.length) {
            int blank = find(data, at, data.length, ' ');
            if (blank == data.length || blank - at > MAX_DIGITS) {
                throw new TarNumbers.BadNumber("an extended header with a record that has no length");
            }
            long length = TarNumbers.decimal(data, at, blank);
            if (length > data.length - at || length < blank - at + 4L || data[at + (int) length - 1] != '\n') {
                throw new TarNumbers.BadNumber("an extended header with a record that lies about its length");
            }
            int end = at + (int) length - 1;
            int equals = find(data, blank + 1, end, '=');
            if (equals == end || equals == blank + 1) {
                throw new TarNumbers.BadNumber("an extended header with a record that has no key");
            }
            Bytes key = Bytes.copy(data, blank + 1, equals);
            byte[] value = Bytes.copy(data, equals + 1, end).array();
            if (key.startsWith("GNU.sparse.offset") || key.startsWith("GNU.sparse.numbytes")) {
                sparseNumbers.add(value);
            } else {
                values.put(key, value);
            }
            at = end + 1;
        }
    }

    /** Adds all of another's; an empty value there hides what is here. */
    void addAll(PaxRecords other) {
        values.putAll(other.values);
        sparseNumbers.addAll(other.sparseNumbers);
    }

    private static int find(byte[] data, int from, int to, char wanted) {
        int at = from;
        while (at < to && data[at] != wanted) {
            at++;
        }
        return at;
    }

    /** All of them; an empty value means that there is none, but for extended attributes. */
    Map<Bytes, byte[]> values() {
        return values;
    }

    /** A value; empty when there is none. */
    byte[] get(String key) {
        byte[] value = values.get(Bytes.wrap(key.getBytes(StandardCharsets.US_ASCII)));
        return value == null ? new byte[0] : value;
    }

    boolean has(String key) {
        return get(key).length > 0;
    }

    /** A decimal value, or what there is to be used without it. */
    long number(String key, long otherwise) throws TarNumbers.BadNumber {
        byte[] value = get(key);
        return value.length == 0 ? otherwise : TarNumbers.decimal(value, 0, value.length);
    }

    /** Offsets and lengths of the parts, of sparse format 0.0. */
    List<byte[]> sparseNumbers() {
        return sparseNumbers;
    }
}
