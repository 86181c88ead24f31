package dev.veneer.node.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryTest {
    private final LinuxCalls calls = new JnrLinuxCalls();

    @TempDir
    Path temporary;

    @Test
    void opensOneStepAndNeverThroughALink() throws Exception {
        Files.createDirectories(temporary.resolve("a/b"));
        Files.createSymbolicLink(temporary.resolve("link"), temporary.resolve("a"));
        try (Directory root = Directory.open(calls, temporary.toString());
                Directory a = root.openDirectory(PathBytes.of("a"))) {
            assertNotNull(a.lookUp(PathBytes.of("b")));
            assertNull(a.lookUp(PathBytes.of("c")));
            assertTrue(refused(root, "link") == Errno.ENOTDIR || refused(root, "link") == Errno.ELOOP);
            assertEquals(Errno.EINVAL, refused(root, "a/b"));
            assertEquals(Errno.EINVAL, refused(root, ".."));
            assertEquals(Errno.EINVAL, refused(root, "."));
            assertEquals(Errno.EINVAL, refused(root, ""));
            assertEquals(2, root.names().size());
            assertEquals(2, root.names().size(), "a second reading begins anew");
        }
    }

    private static int refused(Directory directory, String name) {
        return assertThrows(LinuxException.class, () -> directory.openDirectory(PathBytes.of(name)))
                .errno();
    }

    @Test
    void readsDirectoriesLargerThanTheBuffer() throws Exception {
        try (Directory root = Directory.open(calls, temporary.toString())) {
            for (int i = 0; i < 3000; i++) {
                calls.mknodat(root.number(), PathBytes.of("a file with a rather long name " + i), Abi.S_IFREG, 0);
            }
            assertEquals(3000, root.names().stream().map(String::new).distinct().count());
        }
    }

    @Test
    void showsNamesSafely() {
        assertEquals("plain name", PathBytes.show(PathBytes.of("plain name")));
        assertEquals("grün/日本", PathBytes.show(PathBytes.of("grün/日本")));
        assertEquals("a\\x0ab\\x5c\\x1b", PathBytes.show(PathBytes.of("a\nb\\\u001b")));
        assertEquals("\\xff\\xfeA", PathBytes.show(new byte[] {(byte) 0xff, (byte) 0xfe, 'A'}));
        assertEquals("\\{U+202E}x", PathBytes.show(PathBytes.of("\u202ex")));
    }

    @Test
    void closesOnce() throws Exception {
        Directory root = Directory.open(calls, temporary.toString());
        root.close();
        root.close();
        assertThrows(IllegalStateException.class, root::number);
    }
}
