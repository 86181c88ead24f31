package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.CutOff;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.Leftovers;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whole passes are cut off at each of their calls that change something, as by a kill: every sliver is wholly old or
 * wholly new then (invariant 1), the next run ends where it should and has nothing to do after (invariant 2), strangers'
 * things are as they were (invariant 4), no rootfs is mounted twice (invariant 11). After some cuts the recovery is cut
 * as well.
 */
@Timeout(600)
class CutsIT {
    private static final String KEPT = "what the owner of kept did";

    private final FaultyLinuxCalls faulty = new FaultyLinuxCalls(Site.REAL).counting(FaultyLinuxCalls.CHANGING);
    private final Random random = new Random(7);
    private Leftovers leftovers;

    /** What is to be so before each cut, and what must hold between the cut and the recovery, and after it. */
    private interface Scenario {
        /** Brings the site to the state before, and declares what is to become of it. */
        void prepare() throws Exception;

        /** Right after the cut, before anything looks at the store. */
        void afterCut() throws Exception;

        /** After the recovery. */
        void atEnd() throws Exception;
    }

    @BeforeEach
    void look() {
        leftovers = Leftovers.ofLoopDevices();
    }

    @AfterEach
    void nothingIsLeft() {
        leftovers.assertNone();
    }

    /** Cuts at each call, also at those of opening the store when asked to. */
    private long cutEverywhere(Site site, boolean opening, Scenario scenario) throws Exception {
        Strangers strangers = new Strangers(site);
        for (long n = 1; ; n++) {
            scenario.prepare();
            strangers.settle();
            faulty.reset();
            if (cut(site, opening, n)) {
                // Without a cut everything is done: so it ends, and n - 1 cuts were made.
                scenario.atEnd();
                return n - 1;
            }
            try {
                scenario.afterCut();
                if (random.nextInt(4) == 0) {
                    faulty.reset();
                    cut(site, true, 1 + random.nextInt(150));
                    scenario.afterCut();
                }
                site.converge();
                scenario.atEnd();
                strangers.assertUntouched();
            } catch (Exception | AssertionError e) {
                throw new AssertionError("after cut " + n + ": " + e.getMessage(), e);
            }
        }
    }

    /** Runs a pass up to its n-th call; whether it came to its end. */
    private boolean cut(Site site, boolean opening, long n) throws Exception {
        if (opening) {
            faulty.cutAt(n);
        }
        try {
            site.pass(faulty.calls(), () -> {
                if (!opening) {
                    faulty.cutAt(n);
                }
            });
            assertEquals(Map.of(), faulty.open(), "descriptors that were not closed");
        } catch (CutOff e) {
            assertTrue(faulty.isCut());
        } finally {
            faulty.closeAll();
        }
        return !faulty.isCut();
    }

    private static void report(String what, long cuts) {
        System.out.println("CutsIT: " + what + ": " + cuts + " cuts");
    }

    @Test
    void aNewStoreWithAnImageAndTwoSlivers() throws Exception {
        try (Site site = Site.on(LoopDevice.Kind.XFS)) {
            site.declare(site.image(""), Site.sliver("one", "driver: overlay"), Site.sliver("two", "driver: copy"));
            long cuts = cutEverywhere(site, true, new Scenario() {
                @Override
                public void prepare() throws Exception {
                    site.wipe();
                }

                @Override
                public void afterCut() throws Exception {
                    site.assertRevision("one", "overlay", 1, null);
                    site.assertRevision("two", "copy", 1, null);
                }

                @Override
                public void atEnd() throws Exception {
                    site.assertSliver("one", null);
                    site.assertSliver("two", null);
                }
            });
            report("new store, import, create, mount", cuts);
            assertTrue(cuts > 200, "cuts: " + cuts);
        }
    }

    @Test
    void newInstances() throws Exception {
        try (Site site = Site.on(LoopDevice.Kind.XFS)) {
            long cuts = cutEverywhere(site, false, new Scenario() {
                private int serial = 1;

                private void declare() throws Exception {
                    String spec = ", keepPrevious: 0s, instanceSerial: " + serial;
                    site.declare(
                            site.image(""),
                            Site.sliver("one", "driver: overlay" + spec),
                            Site.sliver("two", "driver: copy" + spec));
                }

                @Override
                public void prepare() throws Exception {
                    if (serial == 1) {
                        declare();
                        site.settle();
                    }
                    site.mark("one", "work " + serial);
                    site.mark("two", "work " + serial);
                    serial++;
                    declare();
                }

                @Override
                public void afterCut() throws Exception {
                    site.assertRevision("one", "overlay", serial - 1, "work " + (serial - 1));
                    site.assertRevision("two", "copy", serial - 1, "work " + (serial - 1));
                }

                @Override
                public void atEnd() throws Exception {
                    site.assertSliver("one", null);
                    site.assertSliver("two", null);
                    assertEquals(serial, site.revision("one"));
                    assertEquals(serial, site.revision("two"));
                }
            });
            report("new instances", cuts);
            assertTrue(cuts > 60, "cuts: " + cuts);
        }
    }

    /** Invariants 1 and 5: before and after the switch, what the owner did is there. */
    @Test
    void compactions() throws Exception {
        try (Site site = Site.on(LoopDevice.Kind.XFS)) {
            long cuts = cutEverywhere(site, false, new Scenario() {
                private int old;

                @Override
                public void prepare() throws Exception {
                    if (old == 0) {
                        site.declare(
                                site.image(""),
                                Site.sliver("one", "driver: overlay"),
                                Site.sliver("two", "driver: copy"));
                        site.settle();
                    }
                    for (String sliver : List.of("one", "two")) {
                        site.mark(sliver, KEPT);
                        site.writeAgain(sliver);
                    }
                    old = site.revision("one");
                    site.askToCompact("one", "two");
                }

                @Override
                public void afterCut() throws Exception {
                    holds("one", "upper");
                    holds("two", "tree");
                }

                private void holds(String sliver, String tree) throws Exception {
                    Path revision =
                            site.store().resolve("slivers/default/" + sliver + "/revisions/" + site.revision(sliver));
                    assertEquals(KEPT, Files.readString(revision.resolve(tree + "/mark")), sliver);
                    assertTrue(site.mounts(sliver) <= 1, "mounts of " + sliver);
                }

                @Override
                public void atEnd() throws Exception {
                    site.assertSliver("one", KEPT);
                    site.assertSliver("two", KEPT);
                    assertTrue(site.revision("one") >= old, "revision of one");
                }
            });
            report("compactions", cuts);
            assertTrue(cuts > 60, "cuts: " + cuts);
        }
    }

    @Test
    void promotions() throws Exception {
        try (Site site = Site.on(LoopDevice.Kind.XFS)) {
            String slivers = Site.sliver("one", "driver: overlay") + "---\n" + Site.sliver("two", "driver: copy");
            long cuts = cutEverywhere(site, false, new Scenario() {
                @Override
                public void prepare() throws Exception {
                    site.wipe();
                    site.declare(site.image(""), slivers);
                    site.settle();
                    site.mark("one", KEPT);
                    site.mark("two", "of two");
                    site.declare(site.image(""), slivers, promoted("one"), promoted("two"));
                }

                private String promoted(String sliver) {
                    return "apiVersion: veneer.dev/v1alpha1\nkind: BaseImage\nmetadata: {name: from-" + sliver
                            + "}\nspec: {source: {sliver: {name: " + sliver + "}}}\n";
                }

                @Override
                public void afterCut() throws Exception {
                    site.assertRevision("one", "overlay", 1, KEPT);
                    site.assertRevision("two", "copy", 1, "of two");
                }

                @Override
                public void atEnd() throws Exception {
                    site.assertSliver("one", KEPT);
                    site.assertSliver("two", "of two");
                    assertEquals(3, Site.names(site.store().resolve("bases")).size());
                }
            });
            report("promotions", cuts);
            assertTrue(cuts > 30, "cuts: " + cuts);
        }
    }

    @Test
    void removal() throws Exception {
        try (Site site = Site.on(LoopDevice.Kind.XFS)) {
            String kept = Site.sliver("kept", "driver: overlay");
            long cuts = cutEverywhere(site, false, new Scenario() {
                @Override
                public void prepare() throws Exception {
                    site.declare(
                            site.image(""),
                            kept,
                            Site.sliver("one", "driver: overlay"),
                            Site.sliver("two", "driver: copy"));
                    site.settle();
                    site.mark("kept", KEPT);
                    site.mark("one", "old");
                    site.mark("two", "old");
                    site.declare(site.image(""), kept);
                }

                @Override
                public void afterCut() throws Exception {
                    site.assertRevision("kept", "overlay", 1, KEPT);
                    site.assertRevision("one", "overlay", 1, "old");
                    site.assertRevision("two", "copy", 1, "old");
                }

                @Override
                public void atEnd() throws Exception {
                    site.assertSliver("kept", KEPT);
                    site.assertGone("one");
                    site.assertGone("two");
                }
            });
            report("removal", cuts);
            assertTrue(cuts > 30, "cuts: " + cuts);
        }
    }

    @Test
    void collectionOfABase() throws Exception {
        try (Site site = Site.on(LoopDevice.Kind.XFS)) {
            Path tree = Files.createDirectories(site.device().mountPoint().resolve("other/a"));
            Files.writeString(tree.resolve("file"), "of the other base");
            String archive = site.device().mountPoint().resolve("other.tar").toString();
            Commands.run("tar", "-C", tree.getParent().toString(), "-cf", archive, ".");
            String other = Site.image("other", archive, "  retention: {keepUnreferenced: 0s}\n");
            String kept = Site.sliver("kept", "driver: overlay");
            String user = Site.sliver("user", "driver: copy").replace("baseImage: base", "baseImage: other");
            long cuts = cutEverywhere(site, false, new Scenario() {
                @Override
                public void prepare() throws Exception {
                    site.declare(site.image(""), other, kept, user);
                    site.settle();
                    site.mark("kept", KEPT);
                    assertEquals(2, Site.names(site.store().resolve("bases")).size());
                    site.declare(site.image(""), kept);
                }

                @Override
                public void afterCut() throws Exception {
                    site.assertRevision("kept", "overlay", 1, KEPT);
                }

                @Override
                public void atEnd() throws Exception {
                    site.assertSliver("kept", KEPT);
                    site.assertGone("user");
                    assertEquals(1, Site.names(site.store().resolve("bases")).size());
                }
            });
            report("removal of a sliver and collection of its base", cuts);
            assertTrue(cuts > 20, "cuts: " + cuts);
        }
    }

    /** The same things, all in one pass, with the driver that the others cannot have on their file system. */
    @Test
    void everythingThatAPassDoesWithSnapshots() throws Exception {
        int cuts = Campaign.run(
                "CutsIT, everything that a pass does with btrfs-snapshot",
                LoopDevice.Kind.BTRFS,
                FaultyLinuxCalls.CHANGING,
                Fault::cuts,
                (device, directory) -> new Turns(device, directory, List.of("btrfs-snapshot")));
        assertTrue(cuts > 60, "cuts: " + cuts);
    }
}
