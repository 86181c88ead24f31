package dev.veneer.node.driver.conformance;

import org.junit.jupiter.api.Test;

/** What is taken away, moved, or replaced by something of another type. */
interface DeletionCases extends Worlds {
    @Test
    default void fileIsDeleted() throws Exception {
        same("rm etc/motd");
    }

    @Test
    default void directoryIsDeleted() throws Exception {
        same("rm -r usr/share/doc");
    }

    @Test
    default void everythingIsDeleted() throws Exception {
        same("rm -rf ./*", "echo again > etc", "rm etc; mkdir etc; echo new > etc/motd");
    }

    @Test
    default void fileIsDeletedAndMadeAgain() throws Exception {
        same("rm etc/motd", "echo again > etc/motd");
    }

    @Test
    default void directoryIsDeletedAndMadeAgain() throws Exception {
        same("rm -r etc/conf.d", "mkdir etc/conf.d", "echo n > etc/conf.d/n; echo a > etc/conf.d/a");
    }

    @Test
    default void emptyDirectoryOfTheBaseIsDeletedAndMadeAgain() throws Exception {
        same("rmdir empty", "mkdir empty", "echo x > empty/x");
    }

    @Test
    default void directoryBecomesFile() throws Exception {
        same("rm -r usr/share/doc; echo x > usr/share/doc", "rm usr/share/doc; mkdir usr/share/doc");
    }

    @Test
    default void fileBecomesDirectory() throws Exception {
        same("rm etc/motd; mkdir -p etc/motd/sub; echo x > etc/motd/sub/x", "rm -r etc/motd; echo y > etc/motd");
    }

    @Test
    default void directoryBecomesLink() throws Exception {
        same("mv usr/share/doc elsewhere; ln -s ../../elsewhere usr/share/doc", "echo x > usr/share/doc/a/new");
    }

    @Test
    default void fileIsRenamed() throws Exception {
        same("mv etc/motd etc/issue", "mv etc/issue moved", "mv moved etc/motd");
    }

    @Test
    default void directoryOfTheBaseIsRenamed() throws Exception {
        same("mv usr/share/doc usr/share/docs", "echo x >> usr/share/docs/a/README", "mv usr/share/docs usr/share/doc");
    }

    @Test
    default void newDirectoryIsRenamedOverDeletedOne() throws Exception {
        same("mkdir fresh; echo x > fresh/a; rm -r etc/conf.d; mv fresh etc/conf.d", "rm etc/conf.d/a");
    }

    @Test
    default void fileIsDeletedInNewParent() throws Exception {
        same("mkdir n; mv usr/share/doc/a n/; rm n/a/README", "mv n/a usr/share/doc/");
    }
}
