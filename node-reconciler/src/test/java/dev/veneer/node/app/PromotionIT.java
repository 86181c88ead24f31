package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.loop.PassResult;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.LoopDevice;
import dev.veneer.node.tree.rewrite.RandomTree;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A BaseImage whose source is a sliver, as its user has it. */
class PromotionIT {
    private static final int SEEDS = Integer.getInteger("veneer.promotion.seeds", 8);

    private static String promoted(String name, String sliver) {
        return "apiVersion: veneer.dev/v1alpha1\nkind: BaseImage\nmetadata: {name: " + name
                + "}\nspec:\n  source: {sliver: {name: " + sliver + "}}\n";
    }

    private static String copied(String name, Path directory) {
        return "apiVersion: veneer.dev/v1alpha1\nkind: BaseImage\nmetadata: {name: " + name
                + "}\nspec:\n  source: {directory: {path: \"" + directory + "\"}}\n";
    }

    private static String digest(NodeOnLoop node, String image) throws Exception {
        NodeOnLoop.Said said = node.run("get", "baseimage", image, "-o", "json");
        return AgentSocket.JSON.readTree(said.text()).at("/status/digest").asText();
    }

    /** The reference is a copy of the mounted view, which another importer reads through the kernel. */
    @ParameterizedTest
    @CsvSource({"XFS, overlay", "XFS, copy", "BTRFS, btrfs-snapshot", "EXT4, overlay"})
    void theBaseIsWhatTheSliverSees(LoopDevice.Kind kind, String driver) throws Exception {
        JnrLinuxCalls calls = new JnrLinuxCalls();
        for (int seed = 1; seed <= SEEDS; seed++) {
            try (NodeOnLoop node = new NodeOnLoop(kind)) {
                Random random = new Random(seed);
                Path tree = Files.createDirectory(node.archives.resolve("tree"));
                new RandomTree(calls, random, tree.toString(), false).change(120);
                Commands.run("find", tree.toString(), "-type", "s", "-delete");
                node.write("base.yaml", copied("base", tree));
                node.write("web.yaml", NodeOnLoop.sliver("web", "driver: " + driver));
                assertEquals(0, node.apply().status());
                Path rootfs = node.rootfs("web");
                new RandomTree(calls, random, rootfs.toString(), false).change(random.nextInt(200));

                node.write("golden.yaml", promoted("golden", "web"), copied("reference", rootfs));
                NodeOnLoop.Said said = node.apply();
                assertEquals(0, said.status(), "seed " + seed + ": " + said.text());
                assertEquals(digest(node, "reference"), digest(node, "golden"), "seed " + seed);
                assertTrue(node.apply().text().contains("Nothing to do"));
                NodeOnLoop.Said check = node.run("store", "check", "--contents");
                assertEquals(0, check.status(), check.text());
            }
        }
    }

    @Test
    void theBaseOutlivesTheSliverAndDoesNotFollowIt() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            node.write("base.yaml", NodeOnLoop.image("base", node.archive("base", "etc/motd", "welcome", "gone", "x")));
            node.write("web.yaml", NodeOnLoop.sliver("web"));
            assertEquals(0, node.apply().status());
            Path rootfs = node.rootfs("web");
            Files.writeString(rootfs.resolve("etc/motd"), "mine");
            Files.delete(rootfs.resolve("gone"));
            node.write("golden.yaml", promoted("golden", "web"));
            assertEquals(0, node.apply().status());
            String digest = digest(node, "golden");
            assertNotEquals(digest(node, "base"), digest);

            Files.writeString(rootfs.resolve("etc/motd"), "later");
            node.write("child.yaml", NodeOnLoop.sliver("child").replace("baseImage: base", "baseImage: golden"));
            assertEquals(0, node.apply().status());
            assertEquals("mine", Files.readString(node.rootfs("child").resolve("etc/motd")));
            assertFalse(Files.exists(node.rootfs("child").resolve("gone")));

            Files.delete(node.files.resolve("web.yaml"));
            NodeOnLoop.Said said = node.apply("--allow-shrink");
            assertEquals(0, said.status(), said.text());
            assertFalse(Files.exists(rootfs));
            assertEquals(digest, digest(node, "golden"));
            assertEquals("mine", Files.readString(node.rootfs("child").resolve("etc/motd")));
            assertTrue(node.apply().text().contains("Nothing to do"));
        }
    }

    @Test
    void aSourceThatIsDeclaredBesideItIsWaitedFor() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            node.write("a-golden.yaml", promoted("golden", "web"));
            NodeOnLoop.Said said = node.apply();
            assertEquals(4, said.status(), said.text());
            assertTrue(said.text().contains("waits for sliver default/web, which is not on this node"), said.text());

            node.write("base.yaml", NodeOnLoop.image("base", node.archive("base", "etc/motd", "welcome")));
            node.write("web.yaml", NodeOnLoop.sliver("web"));
            said = node.apply();
            assertEquals(0, said.status(), said.text());
            assertEquals(digest(node, "base"), digest(node, "golden"), "one content, one tree");
        }
    }

    @Test
    void oneThatIsBeingRemovedIsNoSource() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            node.write("base.yaml", NodeOnLoop.image("base", node.archive("base", "etc/motd", "welcome")));
            node.write("web.yaml", NodeOnLoop.sliver("web"));
            node.write("other.yaml", NodeOnLoop.sliver("other"));
            assertEquals(0, node.apply().status());
            Files.delete(node.files.resolve("web.yaml"));
            node.write("golden.yaml", promoted("golden", "web"));
            Process holder = new ProcessBuilder("sleep", "60")
                    .directory(node.rootfs("web").toFile())
                    .start();
            try {
                NodeOnLoop.Said said = node.apply("--allow-shrink");
                assertEquals(4, said.status(), said.text());
                assertTrue(said.text().contains("is no longer declared and is being removed"), said.text());
            } finally {
                holder.destroyForcibly();
                holder.waitFor();
            }
            NodeOnLoop.Said said = node.apply("--allow-shrink");
            assertEquals(4, said.status(), said.text());
            assertTrue(said.text().contains("which is not on this node"), said.text());
        }
    }

    @Test
    void whatNoBaseMayHoldIsRefusedByItsPath() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            node.write("base.yaml", NodeOnLoop.image("base", node.archive("base", "etc/motd", "welcome", "d/f", "")));
            node.write("web.yaml", NodeOnLoop.sliver("web"));
            assertEquals(0, node.apply().status());
            Path rootfs = node.rootfs("web");
            Commands.run("mknod", rootfs.resolve("etc/disk").toString(), "b", "8", "0");
            node.write("golden.yaml", promoted("golden", "web"));
            NodeOnLoop.Said said = node.apply();
            assertEquals(1, said.status(), said.text());
            assertTrue(said.text().contains("etc/disk") && said.text().contains("block device"), said.text());
            Files.delete(rootfs.resolve("etc/disk"));
            Commands.run(
                    "setfattr",
                    "-n",
                    "trusted.overlay.opaque",
                    "-v",
                    "y",
                    rootfs.resolve("d").toString());
            said = node.apply();
            assertEquals(1, said.status(), said.text());
            assertTrue(said.text().contains("trusted.overlay.opaque"), said.text());
            Commands.run(
                    "setfattr",
                    "-x",
                    "trusted.overlay.opaque",
                    rootfs.resolve("d").toString());
            assertEquals(0, node.apply().status());
            assertEquals(0, node.run("store", "check", "--contents").status());
        }
    }

    @ParameterizedTest
    @CsvSource({"overlay", "copy"})
    void aChangeMeanwhileIsNoticed(String driver) throws Exception {
        try (Site site = Site.on(LoopDevice.Kind.XFS)) {
            String sliver = Site.sliver("one", "driver: " + driver);
            site.declare(site.image(""), sliver);
            site.converge();
            site.mark("one", "first");
            site.declare(site.image(""), sliver, promoted("golden", "one"));
            AtomicBoolean done = new AtomicBoolean();
            FaultyLinuxCalls faulty = new FaultyLinuxCalls(Site.REAL)
                    .counting("mkdirat")
                    .before((call, number) -> {
                        boolean tree = call.arguments().get(1) instanceof byte[] name
                                && new String(name, StandardCharsets.UTF_8).equals("dir");
                        if (tree && done.compareAndSet(false, true)) {
                            Files.writeString(site.rootfs("one").resolve("late"), "late");
                        }
                    });
            PassResult result = site.pass(faulty.calls());
            assertTrue(done.get());
            NodeException failure = result.results().get(0).failure();
            assertTrue(
                    failure != null && String.valueOf(failure.getMessage()).contains("was changed while it was read"),
                    result.results().toString());
            assertEquals(1, Site.names(site.store().resolve("bases")).size());
            site.converge();
            assertEquals(2, Site.names(site.store().resolve("bases")).size());
        }
    }
}
