package dev.veneer.node.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.model.MountEntry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountTableTest {
    private static MountTable table(String... lines) {
        byte[] text = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
        return MountTable.parse(text, text.length);
    }

    private static String line(int id, int parent, String target) {
        return id + " " + parent + " 8:1 / " + target + " rw - ext4 /dev/sda1 rw";
    }

    private static MountEntry topmost(MountTable table, String target) {
        MountEntry entry = table.topmost(target);
        assertNotNull(entry);
        return entry;
    }

    @Test
    void parsesEveryFieldAndSkipsTheTags() {
        MountEntry entry = table(
                        "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:7 - fuse.x /dev/root rw,errors=continue")
                .entries()
                .get(0);
        assertEquals(
                new MountEntry(
                        36, 35, "98:0", "/mnt1", "/mnt2", "rw,noatime", "fuse.x", "/dev/root", "rw,errors=continue"),
                entry);
    }

    @Test
    void unescapesAndKeepsEmptyFields() {
        MountTable table = table(
                "1 0 0:1 / /a\\040b\\011c\\012d\\134e rw - overlay veneer:n/s@1 ro,lowerdir=/x\\134:y",
                "2 0 0:1 / /gr\u00fcn\\04 rw -  tmpfs rw",
                "3 0 0:1 / /\\999 rw - tmpfs  rw");
        assertEquals("/a b\tc\nd\\e", table.entries().get(0).target());
        assertEquals("ro,lowerdir=/x\\:y", table.entries().get(0).superOptions());
        assertFalse(table.entries().get(0).isWritable());
        assertEquals("/gr\u00fcn\\04", table.entries().get(1).target());
        assertEquals("", table.entries().get(1).fsType());
        assertEquals("", table.entries().get(2).source());
        assertEquals("/\\999", table.entries().get(2).target());
        assertEquals("rw", table.entries().get(2).superOptions());
    }

    @Test
    void leavesOutWhatIsCutShortOrNonsense() {
        byte[] whole = (line(1, 0, "/") + "\n" + line(2, 1, "/a") + "\n").getBytes(StandardCharsets.UTF_8);
        for (int length = 0; length <= whole.length; length++) {
            int entries = MountTable.parse(whole, length).entries().size();
            assertTrue(entries <= 2);
            assertEquals(length == whole.length, entries == 2, "cut at " + length);
        }
        assertEquals(
                0,
                table("", "x y z", "1 2", "- - -", "1 2 3:4 / /no-separator rw shared:1")
                        .entries()
                        .size());
    }

    @Test
    void findsTheTopOfAStackByParentsNotByOrder() {
        MountTable table = table(line(1, 0, "/"), line(30, 20, "/a"), line(10, 1, "/a"), line(20, 10, "/a"));
        assertEquals(
                List.of(10, 20, 30), table.at("/a").stream().map(MountEntry::id).toList());
        assertEquals(30, topmost(table, "/a").id());
        assertTrue(table.isVisible(topmost(table, "/a")));
        assertFalse(table.isVisible(table.at("/a").get(1)));
        assertNull(table.topmost("/b"));
        assertEquals(List.of(), table.at("/b"));
    }

    @Test
    void seesWhatIsHiddenByAMountAbove() {
        MountTable table = table(
                line(1, 0, "/"),
                line(2, 1, "/s"),
                line(3, 2, "/s/a/b"),
                line(4, 2, "/s/a"),
                line(5, 4, "/s/a/c"),
                line(6, 1, "/t"),
                line(7, 6, "/t/x"),
                line(8, 6, "/t"));
        assertFalse(table.isVisible(topmost(table, "/s/a/b")), "hidden by the later mount at /s/a");
        assertTrue(table.isVisible(topmost(table, "/s/a")));
        assertTrue(table.isVisible(topmost(table, "/s/a/c")));
        MountEntry covered = topmost(table, "/t/x");
        assertFalse(table.isVisible(covered), "its parent is mounted over as a whole");
        MountEntry hiding = table.hiding(covered);
        assertNotNull(hiding);
        assertEquals(8, hiding.id());
    }

    @Test
    void tellsWherePathsLie() {
        MountTable table = table(
                "1 0 8:1 / / rw - ext4 /dev/sda1 rw",
                "2 1 8:2 /sub/vol /srv rw - btrfs /dev/sdb rw",
                "3 1 8:2 /sub/vol/slivers/x/tree /mnt rw - btrfs /dev/sdb rw");
        assertEquals(new MountTable.Place("8:1", "/etc/x"), table.place("/etc/x"));
        assertEquals(new MountTable.Place("8:1", "/"), table.place("/"));
        assertEquals(new MountTable.Place("8:2", "/sub/vol"), table.place("/srv"));
        MountTable.Place place = table.place("/srv/slivers/x/tree");
        assertNotNull(place);
        assertEquals(
                List.of(3), table.showing(place).stream().map(MountEntry::id).toList());
        assertEquals(
                List.of(2, 3), table.below("/").stream().map(MountEntry::id).toList());
    }

    @Test
    void readsTheRealOne() throws Exception {
        MountTable table = MountTable.read(new JnrLinuxCalls());
        assertTrue(table.isVisible(topmost(table, "/proc")));
        assertEquals(
                table.entries().size(),
                MountTable.read(new JnrLinuxCalls(), (int)
                                ProcessHandle.current().pid())
                        .entries()
                        .size());
    }

    @Test
    void parsesFiveThousandLinesInMilliseconds() {
        String[] lines = new String[5000];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = (i + 100) + " 30 0:" + (i + 50) + " / /srv/veneer/rootfs/default/sliver-" + i
                    + " rw,relatime shared:" + i + " - overlay veneer:default/sliver-" + i
                    + "@1 rw,lowerdir+=/srv/veneer/bases/x/dir,upperdir=/srv/veneer/slivers/default/sliver-" + i
                    + "/revisions/1/upper,workdir=/srv/veneer/slivers/default/sliver-" + i
                    + "/revisions/1/work,redirect_dir=nofollow,index=off,nfs_export=off,xino=off,metacopy=off";
        }
        byte[] text = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 30; i++) {
            long begin = System.nanoTime();
            MountTable table = MountTable.parse(text, text.length);
            best = Math.min(best, System.nanoTime() - begin);
            assertEquals(5000, table.entries().size());
        }
        System.out.println("5000 mounts parsed in " + best / 1000 + " us");
        // A generous bound for busy machines; quiet ones take 2 to 4 ms.
        assertTrue(best < 40_000_000, best + " ns");
    }
}
