package dev.veneer.node.tree.coupled;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.tree.merge.MemoryTree;
import dev.veneer.node.tree.merge.OnConflict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Every path that conflicts when a Debian sliver with packages and users of its own moves to an updated base, and path
 * by path is all there is: with the mergers none of them does.
 */
class AcceptanceTest {
    private static final String USER = "%s:x:%d:%d::/:/bin/sh\n";
    private static final String RECORD = "Name: %s\nTemplate: %s\nOwners: %s\n\n";
    private static final String MARK = "Package: %s\nArchitecture: amd64\nAuto-Installed: 1\n\n";
    private static final String GROUP_HEAD = "auto\n/usr/bin/editor\n\n";

    private final DebianTree oldBase = new DebianTree();
    private DebianTree newBase = oldBase;
    private DebianTree sliver = oldBase;

    @BeforeEach
    void threeTrees() {
        oldBase.install("nano", "7.2-1", "", Map.of("usr/bin/nano", "7.2-1"));
        oldBase.install("ed", "1", "", Map.of("usr/bin/ed", "1"));
        newBase = oldBase.copy();
        sliver = oldBase.copy();
        newBase.install("nano", "7.2-2", "", Map.of("usr/bin/nano", "7.2-2", "usr/share/nano/new", "x"));
        sliver.install("zsh", "5.9", "", Map.of("usr/bin/zsh", "5.9")).purge("nano");
        records(oldBase.tree(), "", "", "100");
        records(newBase.tree(), "statd", "libc", "200");
        records(sliver.tree(), "alice", "zsh", "100");
        for (String path : List.of("etc/ld.so.cache", "var/cache/man/index.db", "var/cache/man/de/index.db")) {
            oldBase.tree().file(path, "old");
            newBase.tree().file(path, "new");
            sliver.tree().file(path, "own");
        }
        String nano = "/usr/bin/nano\n40\n";
        String ed = "/usr/bin/ed\n-100\n";
        alternatives(oldBase.tree(), ed + nano, "/usr/bin/nano");
        alternatives(newBase.tree(), ed + nano.replace("40", "41"), "/usr/bin/nano");
        alternatives(sliver.tree(), ed, "/usr/bin/ed");
    }

    private static void alternatives(MemoryTree tree, String programs, String used) {
        tree.file("var/lib/dpkg/alternatives/editor", GROUP_HEAD + programs + "\n")
                .link("etc/alternatives/editor", used)
                .link("usr/bin/editor", "/etc/alternatives/editor");
    }

    private static void records(MemoryTree tree, String user, String owner, String day) {
        int id = user.isEmpty() ? 0 : user.equals("alice") ? 1000 : 101;
        Map<String, String> files = new LinkedHashMap<>();
        String own = user.isEmpty() ? "" : USER.formatted(user, id, id);
        files.put("etc/passwd", USER.formatted("root", 0, 0) + own);
        files.put("etc/shadow", "root:*:" + day + "::::::\n" + (user.isEmpty() ? "" : user + ":!:" + day + "::::::\n"));
        files.put("etc/group", "root:x:0:" + user + "\n" + (user.isEmpty() ? "" : user + ":x:" + id + ":\n"));
        files.put("etc/gshadow", "root:*::" + user + "\n" + (user.isEmpty() ? "" : user + ":!::\n"));
        files.put("etc/subuid", user.isEmpty() ? "" : user + ":" + id * 100_000 + ":65536\n");
        files.put("etc/subgid", user.isEmpty() ? "" : user + ":" + id * 100_000 + ":65536\n");
        for (String name : List.copyOf(files.keySet())) {
            files.put(name + "-", files.get(name) + "# before\n#" + user);
        }
        files.put("etc/shells", "/bin/sh\n" + (user.isEmpty() ? "" : "/bin/" + user + "\n"));
        files.put("var/lib/dpkg/status-old", "before " + user);
        files.put("var/lib/apt/extended_states", MARK.formatted("a") + (owner.isEmpty() ? "" : MARK.formatted(owner)));
        for (String name : List.of("config.dat", "templates.dat")) {
            String added = owner.isEmpty() ? "" : RECORD.formatted(owner, owner, owner);
            files.put(
                    "var/cache/debconf/" + name,
                    RECORD.formatted("q", "q", "a" + (owner.isEmpty() ? "" : ", " + owner)) + added);
            files.put("var/cache/debconf/" + name + "-old", "before " + owner);
        }
        files.forEach(tree::file);
    }

    private MergedTree merge(List<CoupledState> mergers) throws Exception {
        return new MergedTree(oldBase.tree(), newBase.tree(), sliver.tree(), OnConflict.FAIL, mergers);
    }

    @Test
    void withTheMergersNothingConflicts() throws Exception {
        // Without them it does, even where the built-in rules know the backups and what is derived.
        assertTrue(
                merge(List.of()).conflicts.size() >= 12,
                merge(List.of()).conflicts.toString());

        MergedTree merged = merge(CoupledStates.ALL);
        assertEquals(List.of(), merged.asked);
        assertEquals(List.of(), merged.conflicts);
        assertTrue(merged.tree.text("etc/passwd").contains("statd")
                && merged.tree.text("etc/passwd").contains("alice"));
        assertEquals("root:x:0:statd,alice\nstatd:x:101:\nalice:x:1000:\n", merged.tree.text("etc/group"));
        assertEquals(GROUP_HEAD + "/usr/bin/ed\n-100\n\n", merged.tree.text("var/lib/dpkg/alternatives/editor"));
        assertTrue(merged.tree.text("var/lib/dpkg/status").contains("Package: zsh\n"));
        assertTrue(!merged.tree.text("var/lib/dpkg/status").contains("Package: nano\n"));
    }

    @Test
    void whatIsPlantedIsFoundAndNothingElse() throws Exception {
        sliver.tree().file("usr/bin/dpkg", "edited");
        newBase.install("dpkg", "1.22", "", Map.of("usr/bin/dpkg", "1.22"));
        sliver.install("fragile", "1", "Depends: dpkg (<< 1.22)\n", Map.of("usr/bin/fragile", "1"));
        newBase.tree().file("etc/passwd", newBase.tree().text("etc/passwd").replace(":101:", ":1000:"));

        MergedTree merged = merge(CoupledStates.ALL);
        assertEquals(List.of("usr/bin/dpkg"), merged.conflicts);
        assertEquals(2, merged.asked.size(), merged.asked.toString());
        assertTrue(merged.asked.get(0).detail().startsWith("uid 1000"));
        assertTrue(merged.asked.get(1).detail().contains("dpkg (<< 1.22)"));
    }
}
