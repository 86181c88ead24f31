package dev.veneer.node.image;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.Xattr;
import dev.veneer.node.tree.XattrPolicy;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a header block and the extended records before it say of an entry together. */
final class TarHeader {
    private static final String SCHILY_XATTR = "SCHILY.xattr.";
    private static final String LIBARCHIVE_XATTR = "LIBARCHIVE.xattr.";
    private static final int MAX_XATTR_NAMES = 64 * 1024;
    private static final List<String> IMMUTABLE =
            List.of("schg", "schange", "simmutable", "uchg", "uchange", "uimmutable", "immutable");
    private static final List<String> APPEND = List.of("sappnd", "sappend", "uappnd", "uappend", "append");

    private final byte[] block;
    private final PaxRecords records;

    TarHeader(byte[] block, PaxRecords records) {
        this.block = block;
        this.records = records;
    }

    byte[] name(byte @Nullable [] longName) {
        for (String key : new String[] {"GNU.sparse.name", "path"}) {
            if (records.has(key)) {
                return records.get(key);
            }
        }
        if (longName != null) {
            return longName;
        }
        byte[] name = TarReader.text(block, 0, 100);
        boolean ustar = isAscii(257, "ustar\0");
        byte[] prefix = ustar ? TarReader.text(block, 345, isAscii(508, "tar\0") ? 131 : 155) : new byte[0];
        if (prefix.length == 0) {
            return name;
        }
        byte[] whole = new byte[prefix.length + 1 + name.length];
        System.arraycopy(prefix, 0, whole, 0, prefix.length);
        whole[prefix.length] = '/';
        System.arraycopy(name, 0, whole, prefix.length + 1, name.length);
        return whole;
    }

    private boolean isAscii(int offset, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (block[offset + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    TarEntry entry(char flag, byte[] name, byte @Nullable [] longLink) throws NodeException, TarNumbers.BadNumber {
        TarEntry entry = new TarEntry();
        entry.name = name;
        entry.flag = flag;
        entry.link = records.has("linkpath")
                ? records.get("linkpath")
                : longLink != null ? longLink : TarReader.text(block, 157, 100);
        entry.permissions = (int) TarNumbers.field(block, 100, 8) & 07777;
        entry.uid = id(name, records.number("uid", TarNumbers.field(block, 108, 8)));
        entry.gid = id(name, records.number("gid", TarNumbers.field(block, 116, 8)));
        if (records.has("mtime")) {
            TarNumbers.Time time = TarNumbers.time(records.get("mtime"));
            entry.mtimeSec = time.seconds();
            entry.mtimeNsec = time.nanoseconds();
        } else {
            entry.mtimeSec = TarNumbers.field(block, 136, 12);
        }
        entry.storedSize = records.number("size", TarNumbers.field(block, 124, 12));
        if (entry.storedSize < 0 || entry.storedSize > Long.MAX_VALUE - 512) {
            throw new TarNumbers.BadNumber("an impossible size");
        }
        entry.type = type(entry);
        size(entry);
        if (entry.type != null && entry.type.isDevice()) {
            entry.deviceMajor = (int) TarNumbers.field(block, 329, 8);
            entry.deviceMinor = (int) TarNumbers.field(block, 337, 8);
        }
        attributes(entry);
        flags(entry);
        return entry;
    }

    private static int id(byte[] name, long value) throws NodeException {
        // The largest means "leave alone" to the kernel.
        if (value < 0 || value >= 0xffffffffL) {
            throw Refusals.entry(name, "has the owner or group " + value);
        }
        return (int) value;
    }

    private static @Nullable FileType type(TarEntry entry) throws NodeException {
        byte[] name = entry.name;
        boolean slash = name.length > 0 && name[name.length - 1] == '/';
        return switch (entry.flag) {
            // Very old archives know directories by their name only.
            case '0', '\0', '7' -> slash && entry.storedSize == 0 ? FileType.DIRECTORY : FileType.REGULAR;
            case 'S' -> FileType.REGULAR;
            case '1' -> null;
            case '2' -> FileType.SYMLINK;
            case '3' -> FileType.CHARACTER_DEVICE;
            case '4' -> FileType.BLOCK_DEVICE;
            case '5', 'D' -> FileType.DIRECTORY;
            case '6' -> FileType.FIFO;
            default ->
                throw Refusals.entry(
                        name, "is of the unknown type '" + Bytes.show(new byte[] {(byte) entry.flag}) + "'");
        };
    }

    private void size(TarEntry entry) throws TarNumbers.BadNumber, NodeException {
        entry.size = entry.storedSize;
        if (entry.flag == 'S') {
            entry.size = TarNumbers.field(block, 483, 12);
        } else if (records.has("GNU.sparse.major") || records.has("GNU.sparse.size") || records.has("GNU.sparse.map")) {
            if (entry.type != FileType.REGULAR) {
                throw Refusals.entry(entry.name, "is sparse and yet no regular file");
            }
            entry.size = records.number("GNU.sparse.realsize", records.number("GNU.sparse.size", -1));
            long major = records.number("GNU.sparse.major", 0);
            if (major > 1) {
                throw Refusals.entry(entry.name, "is in an unknown sparse format");
            }
            if (major == 0) {
                entry.sparse = mapInRecords(entry.name);
            }
        }
        if (entry.size < 0) {
            throw new TarNumbers.BadNumber("an impossible size");
        }
    }

    /** The map of pax sparse formats 0.0 (a list of records) and 0.1 (one record with commas). */
    private SparseMap mapInRecords(byte[] name) throws TarNumbers.BadNumber, NodeException {
        SparseMap map = new SparseMap();
        byte[] commas = records.get("GNU.sparse.map");
        long offset = -1;
        if (commas.length > 0) {
            for (int at = 0; at < commas.length; ) {
                int end = at;
                while (end < commas.length && commas[end] != ',') {
                    end++;
                }
                offset = part(map, offset, TarNumbers.decimal(commas, at, end), name);
                at = end + 1;
            }
        } else {
            for (byte[] number : records.sparseNumbers()) {
                offset = part(map, offset, TarNumbers.decimal(number, 0, number.length), name);
            }
        }
        if (offset >= 0) {
            throw Refusals.entry(name, "has a map of holes that ends in the middle");
        }
        return map;
    }

    private static long part(SparseMap map, long offset, long number, byte[] name) throws NodeException {
        if (offset < 0) {
            return number;
        }
        if (!map.add(offset, number)) {
            throw Refusals.entry(name, "has a map of holes that is out of order or too long");
        }
        return -1;
    }

    private void attributes(TarEntry entry) throws NodeException {
        long names = 0;
        for (Map.Entry<Bytes, byte[]> record : records.values().entrySet()) {
            byte[] key = record.getKey().array();
            byte[] value = record.getValue();
            Xattr xattr = null;
            if (record.getKey().startsWith(SCHILY_XATTR)) {
                xattr = new Xattr(schilyName(key), Bytes.wrap(value));
            } else if (record.getKey().startsWith(LIBARCHIVE_XATTR)) {
                xattr = libarchive(entry.name, key, value);
            } else if (record.getKey().startsWith("SCHILY.acl.") && value.length > 0) {
                xattr = acl(entry, key, value);
            } else if (record.getKey().startsWith("RHT.security.selinux")) {
                xattr = new Xattr(Bytes.utf8("security.selinux"), Bytes.wrap(value));
            }
            if (xattr != null) {
                names += xattr.name().length() + 1L;
                entry.xattrs.add(xattr);
            }
        }
        if (names > MAX_XATTR_NAMES) {
            throw Refusals.entry(entry.name, "has more attributes than Linux can list");
        }
    }

    /** GNU tar writes {@code =} and {@code %} in names as {@code %3D} and {@code %25}. */
    private static Bytes schilyName(byte[] key) {
        ByteArrayOutputStream name = new ByteArrayOutputStream();
        for (int i = SCHILY_XATTR.length(); i < key.length; i++) {
            boolean escape = key[i] == '%' && i + 2 < key.length;
            if (escape && key[i + 1] == '3' && key[i + 2] == 'D') {
                name.write('=');
                i += 2;
            } else if (escape && key[i + 1] == '2' && key[i + 2] == '5') {
                name.write('%');
                i += 2;
            } else {
                name.write(key[i]);
            }
        }
        return Bytes.wrap(name.toByteArray());
    }

    /** libarchive writes names with {@code %HH} and values in base64, without padding. */
    private static Xattr libarchive(byte[] entry, byte[] key, byte[] value) throws NodeException {
        ByteArrayOutputStream name = new ByteArrayOutputStream();
        for (int i = LIBARCHIVE_XATTR.length(); i < key.length; i++) {
            int high = i + 2 < key.length && key[i] == '%' ? Character.digit(key[i + 1], 16) : -1;
            int low = high >= 0 ? Character.digit(key[i + 2], 16) : -1;
            if (low >= 0) {
                name.write(16 * high + low);
                i += 2;
            } else {
                name.write(key[i]);
            }
        }
        try {
            return new Xattr(
                    Bytes.wrap(name.toByteArray()),
                    Bytes.wrap(Base64.getDecoder().decode(value)));
        } catch (IllegalArgumentException e) {
            throw Refusals.entry(entry, "has an attribute that is not base64");
        }
    }

    private static @Nullable Xattr acl(TarEntry entry, byte[] key, byte[] value) throws NodeException {
        String kind = new String(key, StandardCharsets.ISO_8859_1);
        boolean isDefault = kind.equals("SCHILY.acl.default");
        if (!isDefault && !kind.equals("SCHILY.acl.access")) {
            return null;
        }
        return new Xattr(
                isDefault ? XattrPolicy.ACL_DEFAULT : XattrPolicy.ACL_ACCESS, AclText.parse(entry.name, value));
    }

    private void flags(TarEntry entry) {
        String text = new String(records.get("SCHILY.fflags"), StandardCharsets.ISO_8859_1);
        for (String word : text.split(",", 64)) {
            if (IMMUTABLE.contains(word)) {
                entry.inodeFlags |= Identity.IMMUTABLE;
            } else if (APPEND.contains(word)) {
                entry.inodeFlags |= Identity.APPEND_ONLY;
            }
        }
    }
}
