package dev.veneer.node.tree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The manifest's canonical form, its index, and what a damaged one does. */
class ManifestTest {
    private final LinuxCalls calls = new JnrLinuxCalls();

    @TempDir
    Path directory;

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private int open(Path path, long flags) throws LinuxException {
        return calls.openat2(Abi.AT_FDCWD, PathBytes.of(path.toString()), flags, 0, 0);
    }

    private ManifestSummary write(List<ManifestEntry> entries) throws Exception {
        Path file = directory.resolve("manifest");
        Files.deleteIfExists(file);
        Files.createFile(file);
        int fd = open(file, Abi.O_WRONLY);
        int scratch = open(directory, Abi.O_RDONLY | Abi.O_DIRECTORY);
        try (ManifestWriter writer = new ManifestWriter(calls, fd, scratch)) {
            for (ManifestEntry entry : entries) {
                byte[] first =
                        entry.firstLink().isEmpty() ? null : entry.firstLink().array();
                writer.add(entry.path().array(), entry.identity(), first);
            }
            return writer.finish();
        } finally {
            calls.close(fd);
            calls.close(scratch);
        }
    }

    private interface Use {
        void with(ManifestReader reader) throws Exception;
    }

    private void read(Use use) throws Exception {
        int fd = open(directory, Abi.O_RDONLY | Abi.O_DIRECTORY);
        try (ManifestReader reader = ManifestReader.open(calls, fd, ascii("manifest"))) {
            use.with(reader);
        } finally {
            calls.close(fd);
        }
    }

    private static Identity plain(FileType type, long size, Bytes content, Bytes target, List<Xattr> xattrs) {
        return new Identity(type, 0644, 1, 2, -3, 4, 0, xattrs, size, content, target, 0, 0);
    }

    private static ManifestEntry entry(byte[] path, Random random) {
        int kind = path.length == 0 ? 0 : random.nextInt(4);
        Bytes name = Bytes.wrap(path);
        byte[] content = new byte[32];
        random.nextBytes(content);
        List<Xattr> xattrs = random.nextInt(5) == 0
                ? List.of(new Xattr(Bytes.utf8("user.a"), Bytes.EMPTY), new Xattr(Bytes.utf8("user.b"), name))
                : List.of();
        Identity identity =
                switch (kind) {
                    case 0 -> plain(FileType.DIRECTORY, 0, Bytes.EMPTY, Bytes.EMPTY, xattrs);
                    case 1 -> plain(FileType.SYMLINK, 0, Bytes.EMPTY, Bytes.utf8("target"), xattrs);
                    case 2 ->
                        new Identity(
                                FileType.CHARACTER_DEVICE,
                                07777,
                                -2,
                                -2,
                                random.nextLong(),
                                999_999_999,
                                3,
                                xattrs,
                                0,
                                Bytes.EMPTY,
                                Bytes.EMPTY,
                                -1,
                                1 << 20);
                    default ->
                        plain(FileType.REGULAR, random.nextLong() >>> 1, Bytes.wrap(content), Bytes.EMPTY, xattrs);
                };
        return new ManifestEntry(name, identity, kind == 3 && random.nextBoolean() ? Bytes.utf8("first") : Bytes.EMPTY);
    }

    private static List<ManifestEntry> randomEntries(Random random, int count) {
        SortedSet<byte[]> paths = new TreeSet<>(TreePath::compare);
        paths.add(new byte[0]);
        List<byte[]> directories = new ArrayList<>();
        directories.add(new byte[0]);
        while (paths.size() < count) {
            byte[] parent = directories.get(random.nextInt(directories.size()));
            byte[] name = new byte[1 + random.nextInt(6)];
            for (int i = 0; i < name.length; i++) {
                do {
                    name[i] = (byte) random.nextInt();
                } while (name[i] == 0 || name[i] == '/');
            }
            byte[] path = TreePath.join(parent, name);
            if (paths.add(path) && TreePath.depth(path) < 40) {
                directories.add(path);
            }
        }
        List<ManifestEntry> entries = new ArrayList<>();
        for (byte[] path : paths) {
            entries.add(entry(path, random));
        }
        return entries;
    }

    @Test
    void whatIsWrittenIsReadInOrderAndByPath() throws Exception {
        Random random = new Random(1);
        for (int count : new int[] {1, 2, 63, 64, 65, 128, 129, 3000}) {
            List<ManifestEntry> entries = randomEntries(random, count);
            ManifestSummary summary = write(entries);
            assertEquals(count, summary.entries());
            read(reader -> {
                reader.verify();
                assertEquals(summary, reader.summary());
                ManifestReader.Cursor cursor = reader.entries();
                for (ManifestEntry entry : entries) {
                    assertEquals(entry, cursor.next());
                }
                assertNull(cursor.next());
                for (ManifestEntry entry : entries) {
                    assertEquals(entry, reader.find(entry.path().array()));
                    assertNull(reader.find(TreePath.join(entry.path().array(), ascii("absent!"))));
                }
            });
        }
    }

    /** The example in docs/manifest.md, byte by byte: whoever changes the form changes its version too. */
    @Test
    void theCanonicalFormIsAsSpecified() throws Exception {
        Identity root =
                new Identity(FileType.DIRECTORY, 0755, 0, 0, 0, 0, 0, List.of(), 0, Bytes.EMPTY, Bytes.EMPTY, 0, 0);
        Bytes empty = Bytes.wrap(MessageDigest.getInstance("SHA-256").digest());
        Identity file = new Identity(
                FileType.REGULAR,
                04755,
                1000,
                100,
                -1,
                500_000_000,
                Identity.IMMUTABLE,
                List.of(new Xattr(Bytes.utf8("user.k"), Bytes.utf8("v"))),
                0,
                empty,
                Bytes.EMPTY,
                0,
                0);
        ManifestSummary summary = write(List.of(
                new ManifestEntry(Bytes.EMPTY, root, Bytes.EMPTY),
                new ManifestEntry(Bytes.utf8("a"), file, Bytes.EMPTY),
                new ManifestEntry(Bytes.utf8("b"), file, Bytes.utf8("a"))));
        String record = "66" + "ed13" + "e807" + "64" + "01" + "80cab5ee01" + "01" + "01" + "06757365722e6b" + "0176"
                + "00" + empty.hex();
        String body = "76656e6565722d6d616e696665737401"
                + "0000" + "64" + "ed03" + "00" + "00" + "00" + "00" + "00" + "00" + "00"
                + "010161" + record + "00"
                + "010162" + record + "0161"
                + "0003";
        byte[] bytes = Files.readAllBytes(directory.resolve("manifest"));
        byte[] expected = HexFormat.of().parseHex(body);
        assertEquals(body, HexFormat.of().formatHex(bytes, 0, expected.length));
        assertEquals(
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(expected)),
                summary.digest().hex());
    }

    @Test
    void recordsOutOfOrderAreNotWritten() {
        Random random = new Random(3);
        List<ManifestEntry> entries = randomEntries(random, 10);
        List<ManifestEntry> swapped = new ArrayList<>(entries);
        swapped.set(4, entries.get(5));
        swapped.set(5, entries.get(4));
        assertThrows(IllegalArgumentException.class, () -> write(swapped));
        assertThrows(IllegalArgumentException.class, () -> write(entries.subList(1, 10)));
        assertThrows(IllegalArgumentException.class, () -> write(List.of(entries.get(0), entries.get(0))));
    }

    @Test
    void theOrderIsThatOfAWalk() {
        List<String> walk =
                List.of("", "a", "a/b", "a/b/c", "a/c", "a ", "a-b", "a.b", "ab", "b", "\u00ff", "\u00ff/a");
        for (int i = 0; i < walk.size(); i++) {
            for (int j = 0; j < walk.size(); j++) {
                int order = TreePath.compare(ascii(walk.get(i)), ascii(walk.get(j)));
                assertEquals(Integer.signum(i - j), Integer.signum(order), walk.get(i) + " and " + walk.get(j));
            }
        }
    }

    @Test
    void damageAnywhereIsTold() throws Exception {
        write(randomEntries(new Random(5), 200));
        Path file = directory.resolve("manifest");
        byte[] whole = Files.readAllBytes(file);
        for (int at = 0; at < whole.length; at += 1 + whole.length / 1500) {
            byte[] wrong = whole.clone();
            wrong[at] ^= 0x41;
            Files.write(file, wrong);
            // Whatever else happens, it ends, and with this exception.
            int position = at;
            try {
                read(reader -> {
                    reader.verify();
                    for (int i = 0; i < 256; i++) {
                        reader.find(new byte[] {(byte) i, 'x'});
                    }
                    throw new AssertionError("damage at " + position + " goes unseen");
                });
            } catch (NodeException e) {
                assertEquals(Reason.Damaged, e.reason());
            }
        }
    }

    @Test
    void cutShortAnywhereIsTold() throws Exception {
        write(randomEntries(new Random(6), 100));
        Path file = directory.resolve("manifest");
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length += 13) {
            Files.write(file, Arrays.copyOf(whole, length));
            NodeException e = assertThrows(NodeException.class, () -> read(ManifestReader::verify));
            assertEquals(Reason.Damaged, e.reason());
        }
    }

    @Test
    void aTableOfInodesIsTheSameInMemoryAndInAFile() throws Exception {
        int scratch = open(directory, Abi.O_RDONLY | Abi.O_DIRECTORY);
        try (InodeTable table = new InodeTable(calls, scratch, 600)) {
            Random random = new Random(8);
            Map<Long, byte[]> model = new HashMap<>();
            for (int i = 0; i < 20_000; i++) {
                long inode = 1L + random.nextInt(9000);
                long device = random.nextInt(2);
                byte[] value = new byte[InodeTable.VALUE_BYTES];
                random.nextBytes(value);
                table.put(device, inode, value);
                model.put(inode << 1 | device, value);
            }
            assertEquals(model.size(), table.size());
            for (var known : model.entrySet()) {
                assertArrayEquals(known.getValue(), table.get(known.getKey() & 1, known.getKey() >> 1));
            }
            assertNull(table.get(7, 1));
            assertNull(table.get(0, 10_000));
            assertEquals(0, directory.toFile().list().length, "scratch files have no name");
        } finally {
            calls.close(scratch);
        }
    }
}
