package dev.veneer.node.driver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.veneer.node.testkit.Commands;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What went wrong in the field, here or in others' programs, each under its name. */
interface FieldBugCases extends Worlds {
    /** containers/storage#141: a directory of the owner that is opaque for the kernel's own reasons was misread. */
    @Test
    default void directoryMadeInMergedDirectoryIsNotTheBases() throws Exception {
        same("mkdir etc/new; echo x > etc/new/x; rm -r etc/new; mkdir etc/new; mv bin/run etc/new/");
    }

    /** moby/buildkit#2614: a directory made again after its deletion must hide what the base has in it. */
    @Test
    default void directoryMadeAgainHidesTheBases() throws Exception {
        same("rm -r usr/share/doc; mkdir -p usr/share/doc/a", "touch usr/share/doc/a/other");
    }

    /** moby/moby#34342: renamed directories of the base were lost where the kernel only noted the redirection. */
    @Test
    default void renamedDirectoryKeepsItsContent() throws Exception {
        same("mv etc renamed; mkdir etc; mv renamed/conf.d etc/; rm renamed/motd");
    }

    /** containerd's walking diff took files of equal size and time for equal. */
    @Test
    default void sameSizeAndTimeButOtherContent() throws Exception {
        same("touch -r etc/motd t; echo HELLO > etc/motd; touch -r t etc/motd; rm t");
    }

    /** vbatts/go-mtree#140: a change of extended attributes alone was missed. */
    @Test
    default void onlyAnAttributeChanged() throws Exception {
        same("setfattr -n user.only -v x etc/motd; setfattr -n user.only -v x var/log");
    }

    /** opencontainers/umoci#161: attributes without a value vanished. */
    @Test
    default void emptyAttribute() throws Exception {
        same("setfattr -n user.empty etc/motd; setfattr -n user.empty bin");
    }

    /** kmxz/overlayfs-tools: copies that equal the base again are no change. */
    @Test
    default void copyThatEqualsTheBaseIsNoChange() throws Exception {
        try (World world = world()) {
            TestSliver sliver = world.sliver("one").step("chmod 600 etc/motd").step("chmod 644 etc/motd");
            assertEquals(List.of(), sliver.changes());
        }
    }

    /** CVE-2024-9676 (containers/storage): a file replaced by a pipe made a reading program wait for ever. */
    @Test
    default void fileBecomesPipe() throws Exception {
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> same("rm etc/passwd; mkfifo etc/passwd"));
    }

    /** containerd/containerd#10704: removal went through a link or a mount and deleted what lay outside. */
    @Test
    default void removalFollowsNoLink() throws Exception {
        try (World world = world()) {
            TestSliver sliver = world.sliver("one");
            String outside = world.directory.resolve("outside").toString();
            Commands.run("mkdir", outside);
            Commands.run("touch", outside + "/precious");
            TestSliver.shell(sliver.rootfs, "rm -r usr; ln -s " + outside + " usr; ln -s / root");
            sliver.unmount();
            world.driver.remove(sliver.store);
            assertEquals("precious", Commands.run("ls", outside));
        }
    }

    /** Linux: deep leftovers in an overlay's work directory make the next mount read-only, without an error. */
    @Test
    default void leftoversOfAnEarlierMountDoNotMakeItReadOnly() throws Exception {
        try (World world = world()) {
            TestSliver sliver = world.sliver("one").step("echo x > etc/motd");
            sliver.unmount();
            TestSliver.shell(Path.of(sliver.store.path()), "if [ -d work ]; then mkdir -p work/work/a/b/c/d; fi");
            world.driver.inspect(sliver.store);
            sliver.mount();
            sliver.step("echo y > etc/motd");
        }
    }

    /** Linux: {@code work/incompat/volatile} makes every further mount of the store fail. */
    @Test
    default void markOfVolatileMountIsTakenAway() throws Exception {
        try (World world = world()) {
            TestSliver sliver = world.sliver("one").step("echo x > etc/motd");
            sliver.unmount();
            TestSliver.shell(
                    Path.of(sliver.store.path()), "if [ -d work ]; then mkdir -p work/work/incompat/volatile; fi");
            world.driver.inspect(sliver.store);
            sliver.mount();
            sliver.step("echo y > etc/motd");
        }
    }

    /** Linux escapes what an owner calls like the overlay's own attributes; the view and its diff must not. */
    @Test
    default void ownersNamesLikeOverlaysOwnAttributes() throws Exception {
        same("setfattr -n user.overlay.opaque -v y etc; setfattr -n trusted.overlay.opaque -v y var || :");
    }
}
