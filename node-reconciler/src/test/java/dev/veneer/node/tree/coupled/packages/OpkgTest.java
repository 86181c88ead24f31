package dev.veneer.node.tree.coupled.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.MergedTree;
import dev.veneer.node.tree.merge.MemoryTree;
import dev.veneer.node.tree.merge.OnConflict;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpkgTest {
    private static final String STATUS = "usr/lib/opkg/status";
    private static final String BASE = stanza("busybox", "1.36-1");

    private final MemoryTree oldBase = new MemoryTree()
            .file(STATUS, BASE)
            .file("usr/lib/opkg/info/busybox.list", "/bin/busybox\n")
            .file("bin/busybox", "1.36-1");
    private final MemoryTree newBase =
            oldBase.copy().file(STATUS, stanza("busybox", "1.36-2")).file("bin/busybox", "1.36-2");
    private final MemoryTree sliver = oldBase.copy();

    private static String stanza(String name, String version) {
        return "Package: " + name + "\nVersion: " + version + "\nStatus: install user installed\n\n";
    }

    @Test
    void packagesOfBothSidesAreThere() throws Exception {
        sliver.file(STATUS, BASE + stanza("tcpdump", "4.9"))
                .file("usr/lib/opkg/info/tcpdump.list", "/usr/sbin/tcpdump\n")
                .file("usr/sbin/tcpdump", "4.9");
        MergedTree merged = new MergedTree(oldBase, newBase, sliver, OnConflict.FAIL);
        assertEquals(List.of(), merged.asked);
        assertEquals(List.of(), merged.conflicts);
        assertEquals(stanza("busybox", "1.36-2") + stanza("tcpdump", "4.9"), merged.tree.text(STATUS));
        assertEquals("1.36-2", merged.tree.text("bin/busybox"));
        assertEquals("4.9", merged.tree.text("usr/sbin/tcpdump"));
    }

    @Test
    void theHigherVersionTakesThePackage() throws Exception {
        sliver.file(STATUS, stanza("busybox", "1.37-1")).file("bin/busybox", "1.37-1");
        MergedTree merged = new MergedTree(oldBase, newBase, sliver, OnConflict.FAIL);
        assertEquals(List.of(), merged.conflicts);
        assertEquals("1.37-1", merged.tree.text("bin/busybox"));
        assertEquals(stanza("busybox", "1.37-1"), merged.tree.text(STATUS));
    }

    /** Nothing tells what a package brought but the base that it came with. */
    @Test
    void anEditedFileOfAnUpdatedPackageIsAConflict() throws Exception {
        sliver.file("bin/busybox", "edited");
        MergedTree merged = new MergedTree(oldBase, newBase, sliver, OnConflict.FAIL);
        assertEquals(List.of("bin/busybox"), merged.conflicts);
        assertEquals("edited", merged.tree.text("bin/busybox"));
    }

    @Test
    void aListThatLeadsOutOfTheTreeIsOneConflict() throws Exception {
        sliver.file(STATUS, BASE + stanza("evil", "1")).file("usr/lib/opkg/info/evil.list", "/../etc/shadow\n");
        MergedTree merged = new MergedTree(oldBase, newBase, sliver, OnConflict.TAKE_BASE);
        assertEquals(1, merged.asked.size());
        assertTrue(merged.asked.get(0).paths().contains(Bytes.utf8(STATUS)));
        assertEquals(newBase.text(STATUS), merged.tree.text(STATUS));
    }
}
