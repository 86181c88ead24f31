package dev.veneer.node.driver.conformance;

import org.junit.jupiter.api.Test;

/** The bytes of files. */
interface ContentCases extends Worlds {
    @Test
    default void fileIsOverwritten() throws Exception {
        same("echo changed > etc/motd");
    }

    @Test
    default void fileIsAppendedTo() throws Exception {
        same("echo more >> etc/motd", "echo yet more >> etc/motd");
    }

    @Test
    default void fileIsTruncatedAndGrown() throws Exception {
        same("truncate -s 5 usr/share/numbers", "truncate -s 1M usr/share/numbers", ": > usr/share/numbers");
    }

    @Test
    default void bytesInTheMiddleAreWritten() throws Exception {
        same("printf XYZ | dd of=usr/share/numbers bs=1 seek=50000 conv=notrunc status=none");
    }

    @Test
    default void fileIsReplacedByRename() throws Exception {
        same("echo new > etc/.motd; mv etc/.motd etc/motd");
    }

    @Test
    default void sameBytesAreWrittenAgain() throws Exception {
        same("cp etc/motd x; cat x > etc/motd; rm x");
    }

    @Test
    default void newFilesAndDirectories() throws Exception {
        same("mkdir -p new/deep/er; echo a > new/deep/er/f; : > new/empty; echo b > etc/conf.d/c");
    }

    @Test
    default void sparseFileOfTheBase() throws Exception {
        String base = "truncate -s 300M big; printf x | dd of=big bs=1 seek=200M conv=notrunc status=none";
        try (World world = world(base)) {
            world.sliver("one").step("printf y | dd of=big bs=1 seek=100M conv=notrunc status=none");
        }
    }

    @Test
    default void fileOfManyMegabytes() throws Exception {
        same("yes 0123456789abcdef | head -c 20M > large", "yes other | head -c 1M >> large", "rm large");
    }

    @Test
    default void manySmallFiles() throws Exception {
        same("mkdir many; cd many; seq 3000 | split -l 1 -a 4", "rm many/*a", "rm -r many");
    }
}
