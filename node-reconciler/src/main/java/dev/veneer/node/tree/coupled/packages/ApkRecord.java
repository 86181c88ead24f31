package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A package in apk's list of what is installed. Fields are a letter, a colon and a value; the order matters, since files
 * come after their directory and their mode and checksum after them. The lines are kept as they were read.
 *
 * @param lines without their ends and the empty line behind them
 */
record ApkRecord(List<Bytes> lines) {
    /** Those that say something of the package and not of one of its files. */
    private static final String ONCE = "CPVApD";

    /** Field: what the package was built from, which several packages may have in common. */
    static final char ORIGIN = 'o';

    ApkRecord {
        lines = List.copyOf(lines);
    }

    /** The value of a field that a record has once; empty where it is missing. */
    Bytes value(char field) {
        for (Bytes line : lines) {
            if (line.array()[0] == field) {
                return Octets.tail(line, 2);
            }
        }
        return Bytes.EMPTY;
    }

    /** Its lines and the empty one behind them. */
    Bytes text() {
        return Octets.concat(Octets.ofLines(lines), Octets.of("\n"));
    }

    /**
     * All records of a file.
     *
     * @throws MalformedState when a line is no field, a field is there twice that can be once, or the last record is cut
     *     short
     */
    static List<ApkRecord> parse(Bytes path, List<Bytes> lines) throws MalformedState {
        List<ApkRecord> records = new ArrayList<>();
        List<Bytes> fields = new ArrayList<>();
        Set<Byte> seen = new HashSet<>();
        for (Bytes line : lines) {
            if (Octets.indexOf(line, '\r') >= 0) {
                throw new MalformedState(path, "has a carriage return in a line");
            }
            if (line.isEmpty()) {
                if (!fields.isEmpty()) {
                    records.add(new ApkRecord(fields));
                    fields.clear();
                    seen.clear();
                }
                continue;
            }
            if (line.length() < 2 || line.array()[1] != ':' || !isLetter(line.array()[0])) {
                throw new MalformedState(path, "has a line that is no field: " + line);
            }
            byte field = line.array()[0];
            if (ONCE.indexOf(field) >= 0 && !seen.add(field)) {
                throw new MalformedState(path, "has the field " + (char) field + " twice in a record");
            }
            fields.add(line);
        }
        if (!fields.isEmpty()) {
            throw new MalformedState(path, "ends in the middle of a record: the empty line behind it is missing");
        }
        return records;
    }

    private static boolean isLetter(byte b) {
        return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
    }
}
