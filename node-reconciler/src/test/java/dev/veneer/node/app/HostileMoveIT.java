package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.driver.conformance.TreeText;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Slivers whose owners made what trees can hold at worst, moved to another base and compacted. */
@Timeout(120)
class HostileMoveIT {
    /** Run in a rootfs, of which it never leaves the directory. */
    private static final String WORST =
            """
            set -e
            mkdir own; cd own
            printf x > "$(printf 'a\\nb')"; printf y > "$(printf 'a\\377b')"; printf z > -rf
            printf n > "$(printf 'n%.0s' $(seq 255))"
            mkdir many; cd many; seq -f 'f%g' 10000 | xargs touch; cd ..
            truncate -s 1T ../sparse; printf end | dd of=../sparse bs=1 seek=600G conv=notrunc status=none
            printf s > setuid; chown 1000:1000 setuid; chmod 6755 setuid
            printf i > immutable; printf p > append; mkdir fixed; printf f > fixed/file
            mknod null c 1 3; mknod disk b 7 250; mkfifo pipe
            printf a > acl; setfacl -m u:1234:rw acl; mkdir default; setfacl -d -m u:1234:rwx default
            printf c > capable; setfattr -n security.capability -v 0sAQAAAgAgAAAAAAAAAAAAAAAAAAA= capable
            ln -s ../../../../../../etc/passwd up; ln -s / root; ln -s self self
            printf l > l1; ln l1 l2; mkdir other; ln l1 other/l3; ln null other/null; ln up other/up
            i=0; while [ $i -lt 1000 ]; do mkdir d; cd d; i=$((i+1)); done; printf deep > end
            """;

    private static void bases(NodeOnLoop node) throws Exception {
        node.write("v1.yaml", NodeOnLoop.image("v1", node.archive("v1", "etc/motd", "1", "etc/kept", "1")));
        node.write("v2.yaml", NodeOnLoop.image("v2", node.archive("v2", "etc/motd", "2", "etc/kept", "1")));
    }

    private static void declare(NodeOnLoop node, String base, String spec) throws Exception {
        node.write("web.yaml", NodeOnLoop.sliverOn(base, "web", spec));
    }

    private static Map<String, TreeText.Line> own(Path rootfs) {
        return TreeText.of(new JnrLinuxCalls(), rootfs.resolve("own").toString(), 1 << 20);
    }

    @ParameterizedTest
    @CsvSource({"XFS, overlay", "XFS, copy", "EXT4, copy", "BTRFS, btrfs-snapshot"})
    void theWorstTreeStaysAsItIs(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            bases(node);
            String spec = "driver: " + driver + ", rebase: {verify: Full}";
            declare(node, "v1", spec);
            assertEquals(0, node.apply().status());
            Path rootfs = node.rootfs("web");
            Commands.run("sh", "-c", "cd " + rootfs + " && " + WORST);
            Commands.run("chattr", "+i", rootfs.resolve("own/immutable").toString());
            Commands.run("chattr", "+a", rootfs.resolve("own/append").toString());
            Commands.run("chattr", "+i", rootfs.resolve("own/fixed").toString());
            try {
                Map<String, TreeText.Line> before = own(rootfs);
                NodeOnLoop.Said compacted = node.run("compact", "sliver", "web");
                assertEquals(0, compacted.status(), compacted.text());
                assertEquals(before, own(rootfs));
                declare(node, "v2", spec);
                NodeOnLoop.Said moved = node.apply();
                assertEquals(0, moved.status(), moved.text());
                assertEquals(before, own(rootfs));
                assertEquals("2", Files.readString(rootfs.resolve("etc/motd")));
                assertEquals(1L << 40, Files.size(rootfs.resolve("sparse")));
                NodeOnLoop.Said check = node.run("store", "check");
                assertEquals(0, check.status(), check.text());
            } finally {
                Commands.tryRun("chattr", "-i", rootfs.resolve("own/immutable").toString());
                Commands.tryRun("chattr", "-a", rootfs.resolve("own/append").toString());
                Commands.tryRun("chattr", "-i", rootfs.resolve("own/fixed").toString());
            }
        }
    }

    /** While a sliver runs, its owner may put links in the place of directories. */
    @ParameterizedTest
    @CsvSource({"XFS, overlay", "XFS, copy"})
    void whatIsSwappedForALinkIsNotFollowed(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            bases(node);
            declare(node, "v1", "driver: " + driver);
            assertEquals(0, node.apply().status());
            Path canary = Files.createDirectories(node.disk.mountPoint().resolve("canary/deep"));
            Files.writeString(canary.resolve("file"), "outside");
            Map<String, TreeText.Line> outside = text(canary.getParent());
            Path stored = node.revision("web", 1).resolve(driver.equals("overlay") ? "upper" : "tree");
            for (int i = 0; i < 20; i++) {
                Files.createDirectories(node.rootfs("web").resolve("own/" + i + "/deep"));
                Files.writeString(node.rootfs("web").resolve("own/" + i + "/deep/file"), "inside");
            }
            AtomicBoolean end = new AtomicBoolean();
            Thread swaps = new Thread(() -> swap(stored.resolve("own"), canary.getParent(), end));
            swaps.start();
            try {
                declare(node, "v2", "driver: " + driver);
                for (int i = 0; i < 5; i++) {
                    // Refused or done: either will do.
                    node.run("rebase", "sliver", "web", "--to", "v2", "--dry-run");
                    node.run("compact", "sliver", "web");
                    node.apply();
                }
            } finally {
                end.set(true);
                swaps.join();
            }
            assertEquals(outside, text(canary.getParent()));
            try (var all = Files.walk(node.store.resolve("slivers"))) {
                for (Path path : (Iterable<Path>) all::iterator) {
                    if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && path.endsWith("deep/file")) {
                        assertEquals("inside", Files.readString(path), path::toString);
                    }
                }
            }
        }
    }

    private static Map<String, TreeText.Line> text(Path root) {
        return TreeText.of(new JnrLinuxCalls(), root.toString(), Long.MAX_VALUE);
    }

    private static void swap(Path own, Path canary, AtomicBoolean end) {
        for (int i = 0; !end.get(); i = (i + 1) % 20) {
            try {
                Path directory = own.resolve(Integer.toString(i));
                Path aside = own.resolve("aside");
                Files.move(directory, aside);
                Files.createSymbolicLink(directory, canary);
                Files.delete(directory);
                Files.move(aside, directory);
            } catch (java.io.IOException e) {
                return; // the revision is no longer the one in force, and goes
            }
        }
    }

    @Test
    void aMountInTheTreeIsToldAndLeftAlone() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            bases(node);
            declare(node, "v1", "driver: overlay");
            assertEquals(0, node.apply().status());
            Files.createDirectories(node.rootfs("web").resolve("own/mount"));
            Path mount = node.revision("web", 1).resolve("upper/own/mount");
            Commands.run("mount", "-t", "tmpfs", "-o", "size=64k", "strange", mount.toString());
            Files.writeString(mount.resolve("file"), "mounted");
            NodeOnLoop.Said compacted = node.run("compact", "sliver", "web");
            assertTrue(compacted.status() != 0, compacted.text());
            assertTrue(compacted.text().contains("/own/mount is the root of another mount"), compacted.text());
            declare(node, "v2", "driver: overlay");
            NodeOnLoop.Said moved = node.apply();
            assertTrue(moved.status() != 0, moved.text());
            assertTrue(moved.text().contains("/own/mount is the root of another mount"), moved.text());
            assertEquals("mounted", Files.readString(mount.resolve("file")));
            assertEquals("1", Files.readString(node.rootfs("web").resolve("etc/motd")));
            assertFalse(Files.exists(node.revision("web", 2)));
        }
    }
}
