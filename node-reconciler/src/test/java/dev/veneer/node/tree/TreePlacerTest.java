package dev.veneer.node.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Laying one tree over another. */
class TreePlacerTest {
    private static final FileTime THEN = FileTime.from(Instant.parse("2002-03-04T05:06:07Z"));
    private static final FileTime LATER = FileTime.from(Instant.parse("2012-03-04T05:06:07Z"));

    private final LinuxCalls calls = new JnrLinuxCalls();

    @TempDir
    Path top;

    private Path from;
    private Path onto;
    private Path outside;

    @BeforeEach
    void trees() throws IOException {
        from = Files.createDirectory(top.resolve("from"));
        onto = Files.createDirectory(top.resolve("onto"));
        outside = Files.createDirectory(top.resolve("outside"));
        Files.writeString(outside.resolve("canary"), "untouched");
    }

    private int open(Path path) throws LinuxException {
        return calls.openat2(Abi.AT_FDCWD, PathBytes.of(path.toString()), Abi.O_RDONLY | Abi.O_DIRECTORY, 0, 0);
    }

    private void place() throws Exception {
        int source = open(from);
        int target = open(onto);
        int scratch = open(top);
        try {
            new TreePlacer(calls).place(source, target, scratch, "a test's tree");
        } finally {
            calls.close(source);
            calls.close(target);
            calls.close(scratch);
        }
        assertEquals("untouched", Files.readString(outside.resolve("canary")));
        assertEquals(1, outside.toFile().list().length);
    }

    @Test
    void directoriesMergeAndFilesAreReplaced() throws Exception {
        Files.createDirectories(onto.resolve("a/b"));
        Files.writeString(onto.resolve("a/old"), "stays");
        Files.writeString(onto.resolve("a/both"), "before, and longer");
        Files.createDirectories(from.resolve("a/c"));
        Files.writeString(from.resolve("a/both"), "after");
        place();
        assertEquals("stays", Files.readString(onto.resolve("a/old")));
        assertEquals("after", Files.readString(onto.resolve("a/both")));
        assertTrue(Files.isDirectory(onto.resolve("a/b")));
        assertTrue(Files.isDirectory(onto.resolve("a/c")));
    }

    @Test
    void anyTypeReplacesAnyOther() throws Exception {
        String[] types = {"file", "directory", "link", "fifo"};
        for (String before : types) {
            for (String after : types) {
                make(onto.resolve(before + "-" + after), before);
                make(from.resolve(before + "-" + after), after);
            }
        }
        place();
        for (String before : types) {
            for (String after : types) {
                Path path = onto.resolve(before + "-" + after);
                assertEquals(after, type(path), path.toString());
            }
        }
        assertTrue(Files.exists(onto.resolve("link-directory/in")), "what the link led to was not written to");
    }

    private void make(Path path, String type) throws Exception {
        switch (type) {
            case "file" -> Files.writeString(path, "content");
            case "directory" -> Files.writeString(Files.createDirectory(path).resolve("in"), "in");
            case "link" -> Files.createSymbolicLink(path, outside);
            default -> calls.mknodat(Abi.AT_FDCWD, PathBytes.of(path.toString()), FileType.FIFO.modeBits() | 0644, 0);
        }
    }

    private static String type(Path path) {
        return Files.isSymbolicLink(path)
                ? "link"
                : Files.isDirectory(path) ? "directory" : Files.isRegularFile(path) ? "file" : "fifo";
    }

    @Test
    void hardLinksStayTogetherAndLeaveOthersAlone() throws Exception {
        Files.writeString(onto.resolve("base"), "base");
        Files.createLink(onto.resolve("two"), onto.resolve("base"));
        Files.createDirectories(from.resolve("d"));
        Files.writeString(from.resolve("d/one"), "linked");
        Files.createLink(from.resolve("two"), from.resolve("d/one"));
        place();
        assertEquals("base", Files.readString(onto.resolve("base")));
        assertEquals(1, Files.getAttribute(onto.resolve("base"), "unix:nlink"));
        assertEquals(2, Files.getAttribute(onto.resolve("two"), "unix:nlink"));
        assertEquals(
                Files.getAttribute(onto.resolve("d/one"), "unix:ino"),
                Files.getAttribute(onto.resolve("two"), "unix:ino"));
    }

    @Test
    void namedDirectoriesAreDescribedAnewAndImpliedOnesKept() throws Exception {
        for (String name : new String[] {"named", "implied"}) {
            Path before = Files.createDirectory(onto.resolve(name));
            Files.setPosixFilePermissions(before, PosixFilePermissions.fromString("rwx------"));
            Files.setLastModifiedTime(before, THEN);
            Path laid = Files.createDirectory(from.resolve(name));
            Files.writeString(laid.resolve("file"), name);
            Files.setPosixFilePermissions(laid, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setLastModifiedTime(laid, name.equals("named") ? LATER : FileTime.fromMillis(0));
        }
        Files.setLastModifiedTime(onto, THEN);
        place();
        assertEquals(LATER, Files.getLastModifiedTime(onto.resolve("named")));
        assertEquals("rwxr-xr-x", mode(onto.resolve("named")));
        assertEquals(THEN, Files.getLastModifiedTime(onto.resolve("implied")));
        assertEquals("rwx------", mode(onto.resolve("implied")));
        assertEquals(THEN, Files.getLastModifiedTime(onto));
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void aDeepTreeKeepsDescriptorsBounded() throws Exception {
        Path deep = from;
        for (int i = 0; i < 300; i++) {
            deep = deep.resolve("d");
        }
        Files.createDirectories(deep);
        Files.writeString(deep.resolve("end"), "end");
        place();
        Path found = onto;
        for (int i = 0; i < 300; i++) {
            found = found.resolve("d");
        }
        assertEquals("end", Files.readString(found.resolve("end")));
        assertFalse(Files.exists(onto.resolve("end")));
    }
}
