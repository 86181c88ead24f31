package dev.veneer.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What a mount table says of with whom a mount is shared. */
class HostAccessTest {
    private static final String LINE = "12 1 8:1 / /var/lib/veneer rw,noatime ";

    private static String peers(String table) {
        return HostAccess.peerGroup(table, 12);
    }

    @Test
    void theGroupIsOneOfTheTags() {
        assertEquals("shared:7", peers(LINE + "shared:7 - ext4 /dev/sda rw\n"));
        assertEquals("shared:7", peers(LINE + "master:3 shared:7 unbindable - ext4 /dev/sda rw\n"));
    }

    @Test
    void othersAreNotTakenForIt() {
        assertEquals("", peers("123 1 8:1 / / rw shared:1 - ext4 /dev/sda rw\n"));
        assertEquals("", peers("1 12 8:1 / / rw shared:1 - ext4 /dev/sda rw\n"));
        assertEquals("", peers(LINE + "master:7 - ext4 /dev/sda rw\n"));
        assertEquals("", peers(LINE + "- ext4 shared:9 rw,shared:9\n"));
        assertEquals("", peers("12 1 8:1 / shared:4 rw - ext4 /dev/sda rw\n"));
        assertEquals("shared:5", peers("1 0 8:1 / / rw shared:1 - ext4 a rw\n" + LINE + "shared:5 - ext4 b rw\n"));
    }

    @Test
    void whatIsEmptyOrCutShortSaysNothing() {
        assertEquals("", peers(""));
        assertEquals("", peers("\n\n"));
        assertEquals("", peers("12 "));
        assertEquals("", peers("12 1 8:1 / /var"));
        assertEquals("", peers(LINE.strip()));
        assertEquals("", peers("- - -\n"));
    }
}
