package dev.veneer.node.tree.coupled.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.AlpineTree;
import dev.veneer.node.tree.coupled.MergedTree;
import dev.veneer.node.tree.merge.OnConflict;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Random systems of packages: what the merged list says is what the merged tree has, and nothing else is there. */
class ApkRandomTest {
    private static final int SEEDS = 150;
    private static final int PACKAGES = 6;
    private static final String INSTALLED = "lib/apk/db/installed";

    private static void change(AlpineTree tree, Random random, int count) {
        for (int i = 0; i < count; i++) {
            int number = random.nextInt(PACKAGES);
            String name = "p" + number;
            if (random.nextInt(4) == 0) {
                tree.remove(name);
                continue;
            }
            int version = 1 + random.nextInt(3);
            Map<String, String> files = new HashMap<>();
            files.put("usr/bin/" + name, name + version);
            files.put("usr/share/" + name + "/v" + version, name + version);
            if (number == version) {
                files.put("usr/share/common/" + version, "common" + version);
            }
            // A function of name and version: two builds of one version are the same.
            String needs = number == 0 ? "" : "D:p" + number / 2 + (version == 3 ? ">1" : "") + "\n";
            String gives = "p:so:" + name + "." + version / 2 + "=" + version + "\n";
            tree.install(name, version + "-r0", needs + gives, files);
            if (version == 2) {
                tree.trigger(name, "/usr/share/" + name);
            }
        }
    }

    private static Map<String, String> versions(String installed) {
        Map<String, String> versions = new TreeMap<>();
        for (String record : installed.split("\n\n", -1)) {
            if (record.contains("\nP:")) {
                versions.put(
                        record.replaceAll("(?s).*\nP:([^\n]*)\n.*", "$1"),
                        record.replaceAll("(?s).*\nV:([^\n]*)\n.*", "$1"));
            }
        }
        return versions;
    }

    /** The rule, of one package, as plainly as can be. */
    private static String expected(String before, String base, String own) {
        if (own.equals(before)) {
            return base;
        }
        if (base.equals(before) || (own.isEmpty() && !before.isEmpty())) {
            return own;
        }
        return own.compareTo(base) > 0 ? own : base;
    }

    @Test
    void theMergedTreeIsWhatItsListSays() throws Exception {
        int moved = 0;
        for (int seed = 1; seed <= SEEDS; seed++) {
            Random random = new Random(seed);
            AlpineTree oldBase = new AlpineTree();
            change(oldBase, random, 8);
            AlpineTree newBase = oldBase.copy();
            change(newBase, random, random.nextInt(5));
            AlpineTree sliver = oldBase.copy();
            change(sliver, random, random.nextInt(5));
            for (OnConflict settled : List.of(OnConflict.KEEP_SLIVER, OnConflict.TAKE_BASE)) {
                MergedTree merged = new MergedTree(oldBase.tree(), newBase.tree(), sliver.tree(), settled);
                String told = "seed " + seed + ", " + settled;
                Map<String, String> versions = versions(merged.tree.text(INSTALLED));
                assertTree(merged, versions, told);
                if (merged.asked.isEmpty()) {
                    moved++;
                    Map<String, String> before = versions(oldBase.installed());
                    Map<String, String> base = versions(newBase.installed());
                    Map<String, String> own = versions(sliver.installed());
                    for (int i = 0; i < PACKAGES; i++) {
                        String name = "p" + i;
                        assertEquals(
                                expected(
                                        before.getOrDefault(name, ""),
                                        base.getOrDefault(name, ""),
                                        own.getOrDefault(name, "")),
                                versions.getOrDefault(name, ""),
                                told + ", " + name);
                    }
                }
            }
        }
        assertTrue(moved > SEEDS, "only " + moved + " came without a conflict");
    }

    private static void assertTree(MergedTree merged, Map<String, String> versions, String told) throws Exception {
        TreeSet<String> wanted = new TreeSet<>();
        versions.forEach((name, version) -> {
            if (name.startsWith("p")) {
                String number = version.substring(0, 1);
                wanted.add("usr/bin/" + name + "=" + name + number);
                wanted.add("usr/share/" + name + "/v" + number + "=" + name + number);
                if (name.equals("p" + number)) {
                    wanted.add("usr/share/common/" + number + "=common" + number);
                }
            }
        });
        TreeSet<String> found = new TreeSet<>();
        for (Bytes path : merged.tree.paths()) {
            if (path.startsWith("usr/") && merged.tree.find(path).content().length() > 0) {
                found.add(path + "=" + merged.tree.text(path.toString()));
            }
        }
        assertEquals(wanted, found, told + ": " + merged.asked);
        Bytes scripts = Bytes.utf8("lib/apk/db/scripts.tar");
        TreeSet<String> scripted = new TreeSet<>();
        ApkScripts.read(merged.tree, scripts)
                .entries()
                .forEach(entry -> scripted.add(entry.owner().toString()));
        TreeSet<String> second = new TreeSet<>();
        versions.forEach((name, version) -> {
            if (version.startsWith("2")) {
                second.add(name + "-" + version);
            }
        });
        assertEquals(second, scripted, told);
        assertEquals(
                second.size(), merged.tree.text("lib/apk/db/triggers").lines().count(), told);
    }
}
