package dev.veneer.node.image;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.tree.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Turns an access control list as archives write it ({@code user::rwx,user:1000:r-x,group::r-x,mask::r-x,other::r-x})
 * into the kernel's attribute: version 2, then eight bytes an entry, sorted, all little-endian
 * ({@code linux/posix_acl_xattr.h}).
 */
final class AclText {
    private static final int VERSION = 2;
    private static final int UNDEFINED = -1;
    private static final int MAX_ENTRIES = 8191;

    private record Line(int tag, int permissions, int id) {}

    private AclText() {}

    static Bytes parse(byte[] entry, byte[] text) throws NodeException {
        List<Line> lines = new ArrayList<>();
        for (String line : new String(text, StandardCharsets.ISO_8859_1).split("[,\n]", MAX_ENTRIES + 1)) {
            int comment = line.indexOf('#');
            String bare = (comment < 0 ? line : line.substring(0, comment)).strip();
            if (!bare.isEmpty()) {
                lines.add(line(entry, bare));
            }
        }
        if (lines.size() > MAX_ENTRIES) {
            throw Refusals.entry(entry, "has an access control list of too many entries");
        }
        lines.sort(Comparator.comparingInt(Line::tag).thenComparing(Line::id, Integer::compareUnsigned));
        ByteBuffer value = ByteBuffer.allocate(4 + 8 * lines.size()).order(ByteOrder.LITTLE_ENDIAN);
        value.putInt(VERSION);
        for (Line line : lines) {
            value.putShort((short) line.tag())
                    .putShort((short) line.permissions())
                    .putInt(line.id());
        }
        return Bytes.wrap(value.array());
    }

    private static Line line(byte[] entry, String text) throws NodeException {
        String[] parts = text.split(":", 5);
        if (parts.length < 2) {
            throw bad(entry, text);
        }
        boolean shortForm = parts.length == 2;
        String qualifier = shortForm ? "" : parts[1].strip();
        int permissions = permissions(entry, text, (shortForm ? parts[1] : parts[2]).strip());
        String numeric = parts.length > 3 ? parts[3].strip() : qualifier;
        boolean named = !qualifier.isEmpty();
        return switch (parts[0].strip()) {
            case "user", "u" ->
                named ? new Line(0x02, permissions, id(entry, text, numeric)) : new Line(0x01, permissions, UNDEFINED);
            case "group", "g" ->
                named ? new Line(0x08, permissions, id(entry, text, numeric)) : new Line(0x04, permissions, UNDEFINED);
            case "mask", "m" -> new Line(0x10, permissions, UNDEFINED);
            case "other", "o" -> new Line(0x20, permissions, UNDEFINED);
            default -> throw bad(entry, text);
        };
    }

    private static int permissions(byte[] entry, String line, String text) throws NodeException {
        int permissions = 0;
        for (int i = 0; i < text.length(); i++) {
            switch (text.charAt(i)) {
                case 'r' -> permissions |= 4;
                case 'w' -> permissions |= 2;
                case 'x' -> permissions |= 1;
                case '-' -> {}
                default -> throw bad(entry, line);
            }
        }
        return permissions;
    }

    private static int id(byte[] entry, String line, String text) throws NodeException {
        try {
            return Integer.parseUnsignedInt(text);
        } catch (NumberFormatException e) {
            throw Refusals.entry(
                    entry,
                    "has an access control list that knows a user or group by name only ('"
                            + Bytes.utf8(line)
                            + "'): make the archive with numeric owners");
        }
    }

    private static NodeException bad(byte[] entry, String line) {
        return Refusals.entry(entry, "has an access control list with the entry '" + Bytes.utf8(line) + "'");
    }
}
