package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The life of slivers and base images by the real commands: exit status, what is said, and the mount table. */
class LifecycleIT {
    private NodeOnLoop node;
    private String archive;

    @BeforeEach
    void node() throws IOException {
        on(LoopDevice.Kind.EXT4);
    }

    private void on(LoopDevice.Kind kind) throws IOException {
        node = new NodeOnLoop(kind);
        archive = node.archive("base", "etc/hostname", "base", "data/", "");
    }

    @AfterEach
    void close() {
        node.close();
    }

    private String image() {
        return NodeOnLoop.image("base", archive);
    }

    /** Writes {@code base.yaml} and a file for each sliver, named as it is. */
    private void declare(String... slivers) throws IOException {
        node.write("base.yaml", image());
        for (String name : slivers) {
            sliver(name);
        }
    }

    private void sliver(String name, String... more) throws IOException {
        node.write(name + ".yaml", NodeOnLoop.sliver(name, more));
    }

    private NodeOnLoop.Said applied(int status, String... options) {
        NodeOnLoop.Said said = node.apply(options);
        assertEquals(status, said.status(), said.text());
        return said;
    }

    private static void says(NodeOnLoop.Said said, String... parts) {
        for (String part : parts) {
            assertTrue(said.text().contains(part), () -> "not said: " + part + "\n" + said.text());
        }
    }

    private void mounted(String name) throws IOException {
        mounted(name, 1);
    }

    private void mounted(String name, int revision) throws IOException {
        assertEquals(List.of("veneer:default/" + name + "@" + revision), node.mountedAt(node.rootfs(name)));
    }

    private void notMounted(String name) throws IOException {
        assertEquals(List.of(), node.mountedAt(node.rootfs(name)));
    }

    private void nothingWaits() {
        assertEquals(0, node.store.resolve("staging").toFile().list().length, "staging");
        assertEquals(0, node.store.resolve("trash").toFile().list().length, "trash");
        assertEquals(0, node.store.resolve("scratch").toFile().list().length, "scratch");
    }

    @ParameterizedTest
    @CsvSource({"EXT4,overlay", "XFS,copy", "BTRFS,btrfs-snapshot"})
    void aSecondApplyDoesNothing(LoopDevice.Kind kind, String driver) throws Exception {
        close();
        on(kind);
        declare();
        for (String name : List.of("a", "b", "c")) {
            sliver(name, "driver: " + driver);
        }
        says(applied(0), "Done: ");
        assertEquals(4, node.mounts());
        // The index, which is only a cache, leaves out records so young that a change might not show in their times.
        Thread.sleep(2500);
        Map<String, String> before = node.times();
        says(applied(0), "Nothing to do: 3 slivers and 1 base image are as declared.");
        Set<String> written = changed(before);
        written.remove("index");
        assertEquals(Set.of(), written);
        before = node.times();
        says(applied(0), "Nothing to do: 3 slivers and 1 base image are as declared.");
        assertEquals(Set.of(), changed(before));
        assertEquals(4, node.mounts());
        assertEquals(
                0, node.run("plan", "-f", node.files.toString(), "--exit-code").status());
        nothingWaits();
    }

    /** What was changed in the store, but for what every command that opens it does: take the lock, try the drivers. */
    private Set<String> changed(Map<String, String> before) throws IOException {
        Map<String, String> after = node.times();
        Set<String> changed = new TreeSet<>(after.keySet());
        changed.addAll(before.keySet());
        changed.removeIf(path -> Objects.equals(before.get(path), after.get(path)));
        changed.removeAll(Set.of("", "lock", "scratch"));
        return changed;
    }

    @Test
    void whatIsNoLongerDeclaredGoes() throws IOException {
        declare("a", "b", "c");
        applied(0);
        Files.writeString(node.rootfs("a").resolve("data/mine"), "mine");
        Files.delete(node.files.resolve("a.yaml"));
        NodeOnLoop.Said plan = node.run("plan", "-f", node.files.toString(), "--exit-code");
        assertEquals(2, plan.status(), plan.text());
        mounted("a");
        applied(0);
        notMounted("a");
        assertFalse(Files.exists(node.rootfs("a")));
        assertFalse(Files.exists(node.store.resolve("slivers/default/a")));
        mounted("b");
        mounted("c");
        says(applied(0), "Nothing to do");
        nothingWaits();
    }

    @Test
    void retainedDataIsTakenUpAgain() throws IOException {
        declare("b", "c");
        sliver("a", "deletionPolicy: Retain");
        applied(0);
        Files.writeString(node.rootfs("a").resolve("data/mine"), "mine");
        Files.delete(node.files.resolve("a.yaml"));
        applied(0);
        notMounted("a");
        assertEquals("mine", Files.readString(node.revision("a", 1).resolve("upper/data/mine")));
        says(applied(0), "Nothing to do");
        // It says where its data are.
        says(
                node.run("describe", "sliver", "a"),
                "Retain",
                node.revision("a", 1).toString());
        says(node.run("get", "nodestores", "-o", "json"), "\"orphans\": 1");
        sliver("a", "deletionPolicy: Retain");
        applied(0);
        says(node.run("get", "nodestores", "-o", "json"), "\"orphans\": 0");
        mounted("a");
        assertEquals("mine", Files.readString(node.rootfs("a").resolve("data/mine")));
        says(applied(0), "Nothing to do");
    }

    @Test
    void aNewInstanceKeepsThePreviousRevisionForItsTime() throws Exception {
        declare("b");
        sliver("a", "keepPrevious: 4s");
        applied(0);
        Files.writeString(node.rootfs("a").resolve("data/mine"), "mine");
        sliver("a", "keepPrevious: 4s", "instanceSerial: 2");
        applied(0);
        Instant renewed = Instant.now();
        mounted("a", 2);
        assertFalse(Files.exists(node.rootfs("a").resolve("data/mine")));
        assertEquals("mine", Files.readString(node.revision("a", 1).resolve("upper/data/mine")));
        applied(0);
        assertTrue(Files.exists(node.revision("a", 1)) || Instant.now().isAfter(renewed.plusSeconds(3)));
        Thread.sleep(5000);
        applied(0);
        assertFalse(Files.exists(node.revision("a", 1)));
        mounted("a", 2);
        says(applied(0), "Nothing to do");
        nothingWaits();
    }

    @Test
    void anExpiredSliverStopsAndItsDataGoLater() throws Exception {
        declare("b");
        sliver("a");
        applied(0);
        String expired = "expiresAt: \"" + Instant.now().minusSeconds(60).toString() + "\"";
        sliver("a", expired, "deleteAfter: 24h");
        says(applied(0), "Expired");
        notMounted("a");
        assertTrue(Files.exists(node.revision("a", 1)));
        says(applied(0), "Nothing to do");
        sliver("a", expired, "deleteAfter: 1s");
        applied(0);
        assertFalse(Files.exists(node.revision("a", 1)));
        says(applied(0), "Nothing to do");
        notMounted("a");
        // It never deploys again, and is still an object that can be asked for.
        NodeOnLoop.Said got = node.run("get", "slivers", "a", "-o", "json");
        assertEquals(0, got.status(), got.text());
        says(got, "Expired");
        nothingWaits();
    }

    @Test
    void anUnreferencedBaseIsCollected() throws IOException {
        String other = node.archive("other", "etc/hostname", "other");
        node.write("base.yaml", image());
        node.write("other.yaml", NodeOnLoop.image("other", other, "retention: {keepUnreferenced: 0s}"));
        sliver("a");
        node.write("o.yaml", NodeOnLoop.sliver("o").replace("baseImage: base", "baseImage: other"));
        applied(0);
        assertEquals(2, node.store.resolve("bases").toFile().list().length);
        NodeOnLoop.Said gc = node.run("gc", "--dry-run");
        assertEquals(0, gc.status(), gc.text());
        says(gc, "kept by", "default/a", "default/o");
        assertFalse(gc.text().contains("would remove"), gc.text());

        Files.delete(node.files.resolve("o.yaml"));
        applied(0);
        assertEquals(1, node.store.resolve("bases").toFile().list().length);
        mounted("a");
        says(applied(0), "Nothing to do");
        // Declared as it still is, it comes back when a sliver wants it.
        node.write("o.yaml", NodeOnLoop.sliver("o").replace("baseImage: base", "baseImage: other"));
        applied(0);
        mounted("o");
        nothingWaits();
    }

    @Test
    void gcCollectsWhatItsDryRunTells() throws Exception {
        declare("a");
        Path second = Files.createDirectory(node.disk.mountPoint().resolve("second"));
        String keep = "retention: {keepUnreferenced: 1s}";
        Files.writeString(
                second.resolve("o.yaml"),
                NodeOnLoop.image("other", node.archive("other", "etc/hostname", "other"), keep) + "---\n"
                        + NodeOnLoop.sliver("o").replace("baseImage: base", "baseImage: other"));
        applied(0);
        assertEquals(0, node.applyOf(second).status());
        Files.delete(second.resolve("o.yaml"));
        assertEquals(0, node.applyOf(second, "--allow-shrink").status());
        assertEquals(2, node.store.resolve("bases").toFile().list().length);
        Thread.sleep(1500);
        Map<String, String> before = node.times();
        NodeOnLoop.Said told = node.run("gc", "--dry-run");
        assertEquals(0, told.status(), told.text());
        says(told, "would remove", "kept by");
        assertEquals(before, node.times());
        NodeOnLoop.Said done = node.run("gc");
        assertEquals(0, done.status(), done.text());
        says(done, "removed", "kept by");
        assertEquals(1, node.store.resolve("bases").toFile().list().length);
        mounted("a");
        nothingWaits();
    }

    @Test
    void aSuspendedSliverIsLeftAlone() throws IOException {
        declare("a", "b");
        applied(0);
        sliver("a", "suspend: true");
        applied(0);
        Commands.run("umount", node.rootfs("a").toString());
        Commands.run("umount", node.rootfs("b").toString());
        says(applied(0), "Suspended");
        notMounted("a");
        mounted("b");
        Files.delete(node.files.resolve("a.yaml"));
        applied(0);
        assertTrue(Files.exists(node.revision("a", 1)));
        sliver("a");
        applied(0);
        mounted("a");
    }

    @Test
    void aBrokenDocumentKeepsTheLastGoodVersion() throws IOException {
        declare("a", "b", "c");
        applied(0);
        Files.writeString(node.rootfs("a").resolve("data/mine"), "mine");
        node.write("a.yaml", NodeOnLoop.sliver("a", "desiredStat: Registered"));
        says(applied(1), "a.yaml:6:", "desiredStat", "did you mean \"desiredState\"");
        mounted("a");
        // What cannot be laid to any object deletes nothing, however much is missing.
        node.write("a.yaml", "]: this is [ no YAML\n");
        Files.delete(node.files.resolve("b.yaml"));
        NodeOnLoop.Said said = applied(1);
        says(said, "a.yaml:1:");
        mounted("a");
        mounted("b");
        mounted("c");
        sliver("a");
        applied(0);
        mounted("a");
        notMounted("b");
        assertEquals("mine", Files.readString(node.rootfs("a").resolve("data/mine")));
    }

    @Test
    void anEmptySourceHolds() throws IOException {
        declare("a", "b", "c");
        applied(0);
        for (String name : List.of("base", "a", "b", "c")) {
            Files.delete(node.files.resolve(name + ".yaml"));
        }
        says(applied(3), "held: the source", "nothing is deleted", "--allow-shrink");
        mounted("a");
        mounted("b");
        mounted("c");
        // What is held is healed too.
        Commands.run("umount", node.rootfs("b").toString());
        applied(3);
        mounted("b");
        applied(0, "--allow-shrink");
        assertEquals(1, node.mounts());
        says(applied(0), "Nothing to do");
        nothingWaits();
    }

    @Test
    void aSourceThatShrinksByMoreThanHalfHolds() throws IOException {
        declare("a", "b", "c", "d");
        applied(0);
        for (String name : List.of("a", "b", "c")) {
            Files.delete(node.files.resolve(name + ".yaml"));
        }
        says(applied(3), "held: the source", "nothing is deleted", "--allow-shrink");
        mounted("a");
        says(applied(0, "--allow-shrink"), "Done");
        notMounted("a");
        mounted("d");
        says(applied(0), "Nothing to do");
    }

    @Test
    void anotherSourcesObjectIsTakenOverOnlyWhenTold() throws IOException {
        declare("a", "b");
        applied(0);
        Path second = Files.createDirectory(node.disk.mountPoint().resolve("second"));
        Files.writeString(second.resolve("a.yaml"), NodeOnLoop.sliver("a"));
        NodeOnLoop.Said said = node.applyOf(second);
        assertEquals(3, said.status(), said.text());
        says(said, "OtherSource", "--take-over");
        said = node.applyOf(second, "--take-over");
        assertEquals(0, said.status(), said.text());
        mounted("a");
        mounted("b");
        // The first source has lost it: it neither acts on it nor removes it when it is gone from there.
        says(applied(3), "OtherSource");
        Files.delete(node.files.resolve("a.yaml"));
        applied(0);
        mounted("a");
        Files.delete(second.resolve("a.yaml"));
        said = node.applyOf(second, "--allow-shrink");
        assertEquals(0, said.status(), said.text());
        notMounted("a");
        mounted("b");
    }

    @Test
    void whatIsForeignAtARootfsIsToldAndLeft() throws IOException {
        declare("b");
        Files.createDirectories(node.disk.mountPoint().resolve("elsewhere"));
        applied(0);
        Files.createDirectories(node.rootfs("a"));
        Files.writeString(node.rootfs("a").resolve("precious"), "precious");
        sliver("a");
        NodeOnLoop.Said said = node.apply();
        assertTrue(said.status() == 1 || said.status() == 4, said.text());
        says(said, "sliver default/a: ForeignObject", node.rootfs("a").toString());
        assertEquals("precious", Files.readString(node.rootfs("a").resolve("precious")));
        notMounted("a");
        mounted("b");
        Files.delete(node.rootfs("a").resolve("precious"));
        applied(0);
        mounted("a");
    }

    @Test
    void aForeignMountOverARootfsIsToldAndLeft() throws IOException {
        declare("a", "b");
        applied(0);
        Commands.run("mount", "-t", "tmpfs", "foreign", node.rootfs("a").toString());
        NodeOnLoop.Said said = applied(4);
        says(said, "sliver default/a: ForeignObject", node.rootfs("a").toString());
        assertEquals(List.of("veneer:default/a@1", "foreign"), node.mountedAt(node.rootfs("a")));
        Files.delete(node.files.resolve("a.yaml"));
        applied(4);
        assertEquals(List.of("veneer:default/a@1", "foreign"), node.mountedAt(node.rootfs("a")));
        assertTrue(Files.exists(node.revision("a", 1)));
        Commands.run("umount", node.rootfs("a").toString());
        applied(0);
        notMounted("a");
        mounted("b");
    }

    @Test
    void aLostMountAndALostDirectoryAreHealed() throws IOException {
        declare("a", "b");
        applied(0);
        Files.writeString(node.rootfs("a").resolve("data/mine"), "mine");
        Commands.run("umount", node.rootfs("a").toString());
        applied(0);
        mounted("a");
        assertEquals("mine", Files.readString(node.rootfs("a").resolve("data/mine")));
        Commands.run("umount", node.rootfs("a").toString());
        Files.delete(node.rootfs("a"));
        applied(0);
        mounted("a");
        says(applied(0), "Nothing to do");
    }

    @Test
    void everythingComesBackAfterAReboot() throws IOException {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            names.add("s" + i);
        }
        declare(names.toArray(new String[0]));
        applied(0);
        Files.writeString(node.rootfs("s3").resolve("data/mine"), "mine");
        node.disk.unmount();
        node.disk.mount();
        assertEquals(1, node.mounts());
        applied(0);
        for (String name : names) {
            mounted(name);
        }
        assertEquals("mine", Files.readString(node.rootfs("s3").resolve("data/mine")));
    }

    @Test
    void aStoreThatTurnedReadOnlyIsToldAndNotMadeWorse() throws IOException {
        declare("a", "b");
        applied(0);
        sliver("c");
        Commands.run("umount", node.rootfs("a").toString());
        Commands.run("umount", node.rootfs("b").toString());
        Commands.run("mount", "-o", "remount,ro", node.disk.mountPoint().toString());
        NodeOnLoop.Said said = applied(4);
        says(said, "read-only", node.store.toString());
        assertEquals(1, node.mounts());
        assertEquals(0, node.run("get", "slivers").status());
        Commands.run("mount", "-o", "remount,rw", node.disk.mountPoint().toString());
        applied(0);
        mounted("a");
        mounted("b");
        mounted("c");
    }

    @Test
    void whatKilledProcessesLeftInScratchGoes() throws IOException {
        declare("a");
        applied(0);
        Path scratch = node.store.resolve("scratch");
        Files.createDirectories(scratch.resolve("probe-overlay-999999999-1/upper"));
        Files.createDirectories(scratch.resolve("doctor-999999999"));
        Files.createDirectories(
                scratch.resolve("probe-use-" + ProcessHandle.current().pid() + "-1/work"));
        Files.createDirectories(scratch.resolve("somebody's"));
        Files.createDirectories(scratch.resolve("doctor-1"));
        applied(0);
        try (Stream<Path> left = Files.list(scratch)) {
            assertEquals(
                    List.of("doctor-1", "somebody's"),
                    left.map(each -> each.getFileName().toString()).sorted().toList());
        }
    }
}
