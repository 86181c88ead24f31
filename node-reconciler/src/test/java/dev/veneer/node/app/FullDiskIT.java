package dev.veneer.node.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MovedSite and compactions on a small disk whose file system cannot share blocks, and which is full or nearly so. */
class FullDiskIT {
    private static final long MEBIBYTE = 1 << 20;
    private static final long MIN_FREE = 20 * MEBIBYTE;

    /** More than the blocks that ext4 keeps for itself, which it does not count as free. */
    private static final int DIRECTORIES = 20_000;

    private NodeOnLoop node;

    @BeforeEach
    void makeNode() throws Exception {
        node = new NodeOnLoop(LoopDevice.Kind.EXT4, 260);
        // Without blocks that are only for root: so it is full when it is.
        Commands.run("tune2fs", "-m", "0", node.disk.device());
        node.write(
                "store.yaml",
                "apiVersion: veneer.dev/v1alpha1\nkind: NodeStore\nmetadata: {name: local}\nspec: {path: " + node.store
                        + ", reserve: {minFree: " + MIN_FREE + "}}\n");
        String big = "x".repeat(200_000);
        node.write("v1.yaml", NodeOnLoop.image("v1", node.archive("v1", "etc/motd", "1", "etc/mine", "1", "big", big)));
        node.write("v2.yaml", NodeOnLoop.image("v2", node.archive("v2", "etc/motd", "2", "etc/mine", "1", "big", big)));
    }

    @AfterEach
    void removeNode() {
        node.close();
    }

    private Path rootfs() {
        return node.rootfs("web");
    }

    private void declare(String base, String driver) throws Exception {
        node.write("web.yaml", NodeOnLoop.sliverOn(base, "web", "driver: " + driver));
    }

    private void make(String driver) throws Exception {
        declare("v1", driver);
        NodeOnLoop.Said made = node.apply();
        assertEquals(0, made.status(), made.text());
        Files.writeString(rootfs().resolve("etc/mine"), "mine");
    }

    private long free() throws Exception {
        Commands.run("sync", "--file-system", node.disk.mountPoint().toString());
        return Files.getFileStore(node.disk.mountPoint()).getUsableSpace();
    }

    private void own(String file, long mebibytes) {
        Commands.run(
                "dd", "if=/dev/urandom", "of=" + rootfs().resolve(file), "bs=1M", "count=" + mebibytes, "status=none");
    }

    /** Takes all room but so much. */
    private void fill(long left) throws Exception {
        Commands.run(
                "fallocate",
                "-l",
                Long.toString(free() - left),
                node.disk.mountPoint().resolve("ballast").toString());
        assertTrue(free() <= left + MEBIBYTE, "free: " + free());
    }

    /** What only a mount shows is copied; that was not asked for before. */
    @Test
    void aForeignStoreIsNotCompactedIntoTheReserve() throws Exception {
        make("overlay");
        own("data", 40);
        Commands.run("umount", rootfs().toString());
        Path store = node.revision("web", 1);
        Path view = Files.createDirectory(node.disk.mountPoint().resolve("view"));
        Path base;
        try (var bases = Files.list(node.store.resolve("bases"))) {
            base = bases.map(each -> each.resolve("dir"))
                    .filter(each -> readsAs(each.resolve("etc/motd"), "1"))
                    .findFirst()
                    .orElseThrow();
        }
        Commands.run(
                "mount",
                "-t",
                "overlay",
                "-o",
                "lowerdir=" + base + ",upperdir=" + store.resolve("upper") + ",workdir=" + store.resolve("work")
                        + ",redirect_dir=on,metacopy=on,index=off,xino=off",
                "strange",
                view.toString());
        Commands.run("chmod", "0711", view.resolve("big").toString());
        Commands.run("umount", view.toString());
        fill(50 * MEBIBYTE);

        NodeOnLoop.Said refused = node.run("compact", "sliver", "web");
        assertEquals(4, refused.status(), refused.text());
        assertTrue(refused.text().contains("compacting sliver default/web has to write"), refused.text());
        assertTrue(free() > 45 * MEBIBYTE, "what was begun took room: " + free());
        assertEquals(0, node.apply().status());
        assertEquals(40 * MEBIBYTE, Files.size(rootfs().resolve("data")));
    }

    private static boolean readsAs(Path file, String text) {
        try {
            return Files.readString(file).equals(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"overlay", "copy"})
    void whatDoesNotFitIsNotBegun(String driver) throws Exception {
        make(driver);
        own("data", 40);
        fill(50 * MEBIBYTE);
        declare("v2", driver);
        String mounted = Commands.run("findmnt", "-n", "-o", "ID", rootfs().toString());
        Path log = Files.writeString(rootfs().resolve("log"), "open meanwhile");
        NodeOnLoop.Said refused = node.apply();
        assertEquals(4, refused.status(), refused.text());
        Matcher missing = Pattern.compile("has to write (\\d+) bytes, and (\\d+) of them are missing: (\\d+) are free")
                .matcher(refused.text());
        assertTrue(missing.find(), refused.text());
        long needed = Long.parseLong(missing.group(1));
        assertTrue(needed >= 40 * MEBIBYTE && needed < 42 * MEBIBYTE, missing.group());
        assertEquals(needed - Long.parseLong(missing.group(3)) + MIN_FREE, Long.parseLong(missing.group(2)));
        assertEquals(mounted, Commands.run("findmnt", "-n", "-o", "ID", rootfs().toString()), "it was unmounted");
        assertEquals("open meanwhile", Files.readString(log));
        assertTrue(
                node.run("get", "slivers").text().contains("LowSpace"),
                node.run("get", "slivers").text());

        Files.delete(node.disk.mountPoint().resolve("ballast"));
        NodeOnLoop.Said moved = node.apply();
        assertEquals(0, moved.status(), moved.text());
        assertEquals("2", Files.readString(rootfs().resolve("etc/motd")));
        assertEquals("mine", Files.readString(rootfs().resolve("etc/mine")));
    }

    /** A sparse file takes what it takes, not what its size is. */
    @Test
    void holesNeedNoRoom() throws Exception {
        make("overlay");
        Commands.run("truncate", "-s", "1T", rootfs().resolve("sparse").toString());
        declare("v2", "overlay");
        NodeOnLoop.Said moved = node.apply();
        assertEquals(0, moved.status(), moved.text());
        assertEquals(1L << 40, Files.size(rootfs().resolve("sparse")));
        assertEquals(0, node.run("compact", "sliver", "web").status());
        assertEquals(1L << 40, Files.size(rootfs().resolve("sparse")));
    }

    /** Directories are not counted, so the disk runs full in the middle. */
    @ParameterizedTest
    @ValueSource(strings = {"overlay", "copy"})
    void aDiskThatRunsFullInTheMiddleKeepsTheOldRevision(String driver) throws Exception {
        make(driver);
        for (int i = 0; i < DIRECTORIES; i++) {
            Path made = Files.createDirectory(rootfs().resolve("d" + i));
            // So large that it takes a block of its own.
            Files.setAttribute(made, "user:note", ByteBuffer.wrap((i + "x".repeat(800)).getBytes(UTF_8)));
        }
        fill(MIN_FREE + MEBIBYTE);
        long before = free();
        declare("v2", driver);
        NodeOnLoop.Said failed = node.apply();
        assertTrue(failed.status() != 0, failed.text());
        assertTrue(failed.text().contains("ran out of space"), failed.text());
        assertTrue(Math.abs(free() - before) < MEBIBYTE, "free before: " + before + ", after: " + free());
        assertFalse(Files.exists(node.revision("web", 2)));
        assertTrue(Files.exists(rootfs().resolve("etc/motd")), failed.text());
        assertEquals("1", Files.readString(rootfs().resolve("etc/motd")));
        assertEquals("mine", Files.readString(rootfs().resolve("etc/mine")));
        assertTrue(Files.isDirectory(rootfs().resolve("d" + (DIRECTORIES - 1))));

        Files.delete(node.disk.mountPoint().resolve("ballast"));
        NodeOnLoop.Said moved = node.apply();
        assertEquals(0, moved.status(), moved.text());
        assertEquals("2", Files.readString(rootfs().resolve("etc/motd")));
        assertEquals("mine", Files.readString(rootfs().resolve("etc/mine")));
        assertTrue(Files.isDirectory(rootfs().resolve("d" + (DIRECTORIES - 1))));
    }

    /** What stays is linked. */
    @Test
    void aCompactionWorksOnAFullDisk() throws Exception {
        make("overlay");
        own("data", 60);
        Commands.run(
                "cp",
                "-p",
                rootfs().resolve("big").toString(),
                rootfs().resolve("new").toString());
        Commands.run(
                "mv",
                rootfs().resolve("new").toString(),
                rootfs().resolve("big").toString());
        fill(MEBIBYTE / 2);
        assertTrue(Files.exists(node.revision("web", 1).resolve("upper/big")));
        NodeOnLoop.Said compacted = node.run("compact", "sliver", "web");
        assertEquals(0, compacted.status(), compacted.text());
        assertFalse(Files.exists(node.revision("web", 2).resolve("upper/big")));
        assertEquals(60 * MEBIBYTE, Files.size(rootfs().resolve("data")));
        assertEquals("mine", Files.readString(rootfs().resolve("etc/mine")));
    }

    /** Statuses tell of the work; they are not the work. */
    @Test
    void aStatusThatCannotBeWrittenChangesNoExitStatus() throws Exception {
        make("overlay");
        // So that there is something to write.
        try (DirectoryStream<Path> statuses = Files.newDirectoryStream(node.store.resolve("status"))) {
            for (Path status : statuses) {
                Files.delete(status);
            }
        }
        fill(MEBIBYTE);
        Path rest = node.disk.mountPoint().resolve("rest");
        Commands.run("sh", "-c", "dd if=/dev/zero of='" + rest + "' bs=4k status=none 2>/dev/null; sync");
        NodeOnLoop.Said said = node.apply();
        assertEquals(0, said.status(), said.text());
        assertTrue(said.text().contains("note: what `veneer get` shows may be old: writing the status"), said.text());
        assertTrue(said.text().contains("1 sliver and 2 base images are as declared"), said.text());

        Files.delete(rest);
        Files.delete(node.disk.mountPoint().resolve("ballast"));
        NodeOnLoop.Said later = node.apply();
        assertEquals(0, later.status(), later.text());
        assertFalse(later.text().contains("note:"), later.text());
    }
}
