package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Stores beside each other, copied, behind a link, with things of others in them; by the real commands. */
class SeveralStoresIT {
    private NodeOnLoop node;
    private String archive;
    private Path rootfs;

    @BeforeEach
    void prepare() throws IOException {
        node = new NodeOnLoop(LoopDevice.Kind.XFS);
        archive = node.archive("base", "etc/release", "one\n");
        rootfs = node.disk.mountPoint().resolve("places/a");
        node.write("base.yaml", NodeOnLoop.image("base", archive));
    }

    @AfterEach
    void close() {
        node.close();
    }

    private NodeOnLoop.Said apply(Path store, int status, String... options) throws IOException {
        node.write(
                "store.yaml",
                "apiVersion: veneer.dev/v1alpha1\nkind: NodeStore\nmetadata: {name: one}\nspec: {path: " + store
                        + ", nodeName: " + Commands.run("hostname").strip() + ", rootfsPrefixes: ["
                        + rootfs.getParent() + "]}\n");
        NodeOnLoop.Said said = node.applyTo(store, options);
        assertEquals(status, said.status(), said.text());
        return said;
    }

    private void declare() throws IOException {
        node.write("a.yaml", NodeOnLoop.sliver("a", "rootfs: " + rootfs));
    }

    @Test
    void aMountOfAnotherStoreIsNotTakenForOurs() throws IOException {
        declare();
        apply(node.store, 0);
        Files.writeString(rootfs.resolve("precious"), "precious");
        String mount = Commands.run("findmnt", "-no", "ID,SOURCE", rootfs.toString());

        Path other = node.disk.mountPoint().resolve("other");
        NodeOnLoop.Said said = apply(other, 4);
        assertTrue(said.text().contains("of another store"), said.text());
        Path copy = node.disk.mountPoint().resolve("copy");
        Commands.run("cp", "-a", "--one-file-system", node.store.toString(), copy.toString());
        said = apply(copy, 4);
        assertTrue(said.text().contains("of another store"), said.text());

        Files.delete(node.files.resolve("a.yaml"));
        apply(other, 4, "--allow-shrink");
        apply(copy, 4, "--allow-shrink");
        assertEquals(mount, Commands.run("findmnt", "-no", "ID,SOURCE", rootfs.toString()));
        assertEquals("precious", Files.readString(rootfs.resolve("precious")));
        declare();
        assertTrue(apply(node.store, 0).text().contains("Nothing to do"));
    }

    @Test
    void aStoreBehindALinkIsTheSameStore() throws IOException {
        node.write("a.yaml", NodeOnLoop.sliver("a"));
        apply(node.store, 0);
        Path link = Files.createSymbolicLink(node.disk.mountPoint().resolve("link"), node.store);
        long mounts = node.mounts();
        NodeOnLoop.Said said = node.applyTo(link);
        assertTrue(said.text().contains("Nothing to do"), said.text());
        assertEquals(mounts, node.mounts());
        Path below = link.resolve("../deep/store");
        Files.createDirectory(node.disk.mountPoint().resolve("deep"));
        Files.createSymbolicLink(node.disk.mountPoint().resolve("short"), Path.of("deep"));
        apply(node.disk.mountPoint().resolve("short/store"), 0);
        assertTrue(Files.exists(below.resolve("rootfs/default/a/etc/release")));
        assertEquals(mounts + 1, node.mounts());
    }

    @Test
    void whatKeepsOneThingInTheTrashKeepsNoOther() throws IOException {
        for (String name : new String[] {"a", "b", "c"}) {
            node.write(name + ".yaml", NodeOnLoop.sliver(name));
        }
        apply(node.store, 0);
        for (String name : new String[] {"a", "b", "c"}) {
            Files.delete(node.files.resolve(name + ".yaml"));
        }
        Path foreign = node.store.resolve("slivers/default/a/notes");
        Files.writeString(foreign, "precious");
        NodeOnLoop.Said said = node.apply("--allow-shrink");
        assertTrue(said.text().contains("/notes is not Veneer's and is not removed"), said.text());
        String[] left = node.store.resolve("trash").toFile().list();
        assertEquals(1, left.length);
        assertEquals(
                "precious",
                Files.readString(node.store.resolve("trash").resolve(left[0]).resolve("notes")));
    }

    @Test
    void aNarrowUmaskDoesNotCloseTheWayToARootfs() throws Exception {
        node.write("b.yaml", NodeOnLoop.sliver("b"));
        Path store = node.disk.mountPoint().resolve("made/with/it");
        Commands.run(
                "sh",
                "-c",
                "umask 077 && exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                // Failsafe's own class path is only a jar that names the real one.
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName(),
                "apply",
                "-f",
                node.files.toString(),
                "--store",
                store.toString());
        for (Path path :
                new Path[] {store.getParent(), store, store.resolve("rootfs"), store.resolve("rootfs/default")}) {
            String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
            assertTrue(mode.endsWith("x"), path + " has " + mode);
        }
    }

    @Test
    void aRootfsIsNotMadeThroughALink() throws IOException {
        Path outside = Files.createDirectory(node.disk.mountPoint().resolve("outside"));
        Files.createDirectory(rootfs.getParent());
        Files.createSymbolicLink(rootfs.resolveSibling("b"), outside);
        rootfs = rootfs.resolveSibling("b/c/a");
        node.write("a.yaml", NodeOnLoop.sliver("a", "rootfs: " + rootfs));
        rootfs = node.disk.mountPoint().resolve("places/a");
        NodeOnLoop.Said said = apply(node.store, 4);
        assertTrue(said.text().contains("symbolic link"), said.text());
        assertEquals(0, outside.toFile().list().length);
    }
}
