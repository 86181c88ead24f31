package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.driver.conformance.TreeText;
import dev.veneer.node.testkit.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Stores of overlay slivers that somebody mounted with options of their own, or in which overlayfs's notes are damaged:
 * what the kernel shows stays through a compaction and a move, and what it cannot show is refused with its path.
 */
class ForeignStoreIT extends ForeignStore {
    @ParameterizedTest
    @ValueSource(
            strings = {
                ALL,
                "redirect_dir=on,metacopy=off,index=off,xino=off",
                "redirect_dir=on,metacopy=on,index=off,xino=on",
                "redirect_dir=nofollow,metacopy=off,index=off,xino=on"
            })
    void aCompactionKeepsWhatWasSeen(String options) throws Exception {
        Map<String, TreeText.Line> seen = work(options);
        NodeOnLoop.Said compacted = node.run("compact", "sliver", "web");
        assertEquals(0, compacted.status(), compacted.text());
        assertEquals(0, node.apply().status());
        assertEquals(seen, text(node.rootfs("web")));
        assertPlain(upper(2));
        assertEquals(0, node.run("store", "check").status());
    }

    /** Further names of one file are noted in the index alone, which goes with the mount: what is seen without it counts. */
    @Test
    void aStoreWithAnIndexIsSeenWithoutIt() throws Exception {
        work("redirect_dir=nofollow,metacopy=off,index=on,xino=off");
        mount("redirect_dir=nofollow,metacopy=off,index=off,xino=off");
        Map<String, TreeText.Line> seen = text(view);
        unmount();
        NodeOnLoop.Said compacted = node.run("compact", "sliver", "web");
        assertEquals(0, compacted.status(), compacted.text());
        assertEquals(0, node.apply().status());
        assertEquals(seen, text(node.rootfs("web")));
        assertPlain(upper(2));
    }

    @ParameterizedTest
    @CsvSource({"Merge", "PreserveView"})
    void aMoveKeepsWhatWasSeen(String strategy) throws Exception {
        Map<String, TreeText.Line> seen = work(ALL);
        declare("v2", ", rebase: {strategy: " + strategy + ", verify: Full}");
        NodeOnLoop.Said moved = node.apply();
        assertEquals(0, moved.status(), moved.text());
        Path rootfs = node.rootfs("web");
        Map<String, TreeText.Line> now = text(rootfs);
        boolean merges = strategy.equals("Merge");
        assertEquals(merges ? "2" : "1", Files.readString(rootfs.resolve("etc/followed")));
        assertEquals(merges, Files.exists(rootfs.resolve("added")));
        for (String path : new String[] {
            "etc/mode",
            "elsewhere",
            "moved",
            "moved/a",
            "moved/deep",
            "moved/deep/b",
            "moved/deep/mine",
            "one",
            "two",
            "etc/own",
            "etc/link"
        }) {
            assertEquals(seen.get(path), now.get(path), path);
        }
        assertFalse(now.containsKey("tree"));
        assertFalse(now.containsKey("etc/renamed"));
        assertPlain(upper(2));
        assertTrue(node.apply().text().contains("Nothing to do"));
    }

    /** Notes that lead nowhere, but with which the kernel shows something, or nothing. */
    @Test
    void whatTheKernelMakesOfDamagedNotesStays() throws Exception {
        Files.createDirectories(upper(1).resolve("nowhere"));
        note("nowhere", "redirect", "/not/there");
        Files.createDirectories(upper(1).resolve("pure"));
        Files.writeString(upper(1).resolve("pure/file"), "file");
        Commands.run("mknod", upper(1).resolve("pure/ghost").toString(), "c", "0", "0");
        Files.writeString(upper(1).resolve("etc/gone"), "");
        note("etc/gone", "whiteout", "y");
        note("etc", "opaque", "x");
        Commands.run(
                "cp",
                "-a",
                upper(1).resolve("etc/own").toString(),
                upper(1).resolve("etc/again").toString());
        NodeOnLoop.Said compacted = node.run("compact", "sliver", "web");
        assertEquals(0, compacted.status(), compacted.text());
        assertEquals(0, node.apply().status());
        Path rootfs = node.rootfs("web");
        assertTrue(Files.isDirectory(rootfs.resolve("nowhere")));
        assertEquals("file", Files.readString(rootfs.resolve("pure/file")));
        assertEquals(1, Site.names(rootfs.resolve("pure")).size());
        assertEquals("mine", Files.readString(rootfs.resolve("etc/again")));
        assertPlain(upper(2));
        assertFalse(Files.exists(upper(2).resolve("pure/ghost")));
    }

    /** A whiteout where nothing is to be hidden is listed and cannot be reached: it was never seen. */
    @Test
    void aWhiteoutOfNothingGoes() throws Exception {
        Files.createDirectories(upper(1).resolve("pure"));
        Commands.run("mknod", upper(1).resolve("pure/ghost").toString(), "c", "0", "0");
        NodeOnLoop.Said compacted = node.run("compact", "sliver", "web");
        assertEquals(0, compacted.status(), compacted.text());
        assertEquals(0, node.apply().status());
        assertEquals(0, Site.names(node.rootfs("web").resolve("pure")).size());
        declare("v2", ", rebase: {verify: Full}");
        assertEquals(0, node.apply().status());
        assertEquals(0, Site.names(node.rootfs("web").resolve("pure")).size());
    }

    /** Somebody copied a file with its attributes: the kernel shows only the one of both that is asked for first. */
    @Test
    void ofTwoFilesOfOneOriginNoneIsGuessed() throws Exception {
        mount("redirect_dir=nofollow,metacopy=off,index=off,xino=off");
        Files.writeString(view.resolve("one"), "changed");
        unmount();
        Commands.run(
                "cp",
                "-a",
                upper(1).resolve("one").toString(),
                upper(1).resolve("copy").toString());
        NodeOnLoop.Said compacted = node.run("compact", "sliver", "web");
        assertEquals(1, compacted.status(), compacted.text());
        assertTrue(compacted.text().matches("(?s).*/(one|copy) cannot be read.*"), compacted.text());
        declare("v2", ", rebase: {verify: Full}");
        NodeOnLoop.Said moved = node.apply();
        assertEquals(0, moved.status(), moved.text());
        assertEquals("changed", Files.readString(node.rootfs("web").resolve("one")));
        assertEquals("changed", Files.readString(node.rootfs("web").resolve("copy")));
    }

    @ParameterizedTest
    @CsvSource({"compact", "move"})
    void whatTheKernelCannotGiveIsRefusedWithItsPath(String what) throws Exception {
        Files.writeString(upper(1).resolve("etc/without"), "no lower");
        note("etc/without", "metacopy", "");
        NodeOnLoop.Said refused;
        if (what.equals("compact")) {
            refused = node.run("compact", "sliver", "web");
        } else {
            declare("v2", "");
            refused = node.apply();
        }
        assertTrue(refused.status() != 0, refused.text());
        assertTrue(refused.text().contains("/etc/without"), refused.text());
        assertEquals("mine", Files.readString(upper(1).resolve("etc/own")));
        assertFalse(Files.exists(upper(2)));
    }
}
