package dev.veneer.node.tree.coupled.user;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.MergedTree;
import dev.veneer.node.tree.merge.MemoryTree;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserDatabaseTest {
    private static final String MAIL = "mail:x:8:8:mail:/var/mail:/bin/false\n";
    private static final String PASSWD = "root:x:0:0:root:/root:/bin/sh\n" + MAIL;
    private static final String SHADOW = "root:*:100:0:99999:7:::\nmail:*:100:0:99999:7:::\n";
    private static final String GROUP = "root:x:0:\nsudo:x:27:\n";
    private static final String GSHADOW = "root:*::\nsudo:*::\n";

    private final MemoryTree oldBase = new MemoryTree()
            .file("etc/passwd", PASSWD)
            .file("etc/shadow", SHADOW)
            .file("etc/group", GROUP)
            .file("etc/gshadow", GSHADOW);
    private final MemoryTree newBase = oldBase.copy();
    private final MemoryTree sliver = oldBase.copy();

    private MergedTree merge(OnConflict onConflict) throws Exception {
        return new MergedTree(oldBase, newBase, sliver, onConflict);
    }

    private MergedTree clean() throws Exception {
        MergedTree merged = merge(OnConflict.FAIL);
        assertEquals(List.of(), merged.asked);
        assertEquals(List.of(), merged.conflicts);
        return merged;
    }

    @Test
    void usersOfBothSidesAreThereInTheNewBasesOrder() throws Exception {
        sliver.file("etc/passwd", PASSWD + "alice:x:1000:1000::/home/alice:/bin/sh\n")
                .file("etc/shadow", SHADOW + "alice:!:150:0:99999:7:::\n")
                .file("etc/group", GROUP.replace("27:", "27:alice") + "alice:x:1000:\n")
                .file("etc/gshadow", GSHADOW.replace("sudo:*::", "sudo:*::alice") + "alice:!::\n");
        newBase.file("etc/passwd", PASSWD + "statd:x:101:65534::/var/lib:/bin/false\n")
                .file("etc/shadow", SHADOW.replace(":100:", ":200:") + "statd:!:200:0:99999:7:::\n")
                .file("etc/group", GROUP.replace("27:", "27:statd"))
                .file("etc/gshadow", GSHADOW.replace("sudo:*::", "sudo:*::statd"));

        MergedTree merged = clean();

        assertEquals(
                PASSWD + "statd:x:101:65534::/var/lib:/bin/false\nalice:x:1000:1000::/home/alice:/bin/sh\n",
                merged.tree.text("etc/passwd"));
        assertEquals(
                SHADOW.replace(":100:", ":200:") + "statd:!:200:0:99999:7:::\nalice:!:150:0:99999:7:::\n",
                merged.tree.text("etc/shadow"));
        assertEquals("root:x:0:\nsudo:x:27:statd,alice\nalice:x:1000:\n", merged.tree.text("etc/group"));
        assertEquals("root:*::\nsudo:*::statd,alice\nalice:!::\n", merged.tree.text("etc/gshadow"));
    }

    @Test
    void differentFieldsOfOneUserMerge() throws Exception {
        sliver.file("etc/passwd", PASSWD.replace("/bin/sh", "/bin/zsh"));
        newBase.file("etc/passwd", PASSWD.replace(":root:/root", ":Admin:/root"));
        assertTrue(clean().tree.text("etc/passwd").startsWith("root:x:0:0:Admin:/root:/bin/zsh\n"));
    }

    @Test
    void aUserThatTheSliverDeletedStaysDeletedThoughItsPasswordIsOfAnotherDay() throws Exception {
        sliver.file("etc/passwd", PASSWD.replace(MAIL, ""))
                .file("etc/shadow", SHADOW.replace("mail:*:100:0:99999:7:::\n", ""));
        newBase.file("etc/shadow", SHADOW.replace(":100:", ":200:"));
        MergedTree merged = clean();
        assertEquals("root:*:200:0:99999:7:::\n", merged.tree.text("etc/shadow"));
    }

    @Test
    void aUidOfTwoNamesIsOneConflictAndEitherSideLeavesFilesThatAgree() throws Exception {
        sliver.file("etc/passwd", PASSWD + "alice:x:101:1000::/:/bin/sh\n")
                .file("etc/shadow", SHADOW + "alice:!:1::::::\n")
                .file("etc/group", GROUP.replace("27:", "27:alice"));
        newBase.file("etc/passwd", PASSWD + "statd:x:101:1::/:/bin/sh\n")
                .file("etc/shadow", SHADOW + "statd:!:1::::::\n")
                .file("etc/group", GROUP.replace("27:", "27:statd"));

        MergedTree kept = merge(OnConflict.KEEP_SLIVER);
        assertEquals(1, kept.asked.size());
        assertEquals(Verdict.COUPLED, kept.asked.get(0).kind());
        assertEquals(
                "uid 101 is \"alice\" in the sliver and \"statd\" in the new base",
                kept.asked.get(0).detail());
        assertEquals(
                List.of(Bytes.utf8("etc/passwd"), Bytes.utf8("etc/shadow")),
                kept.asked.get(0).paths());
        assertEquals(PASSWD + "alice:x:101:1000::/:/bin/sh\n", kept.tree.text("etc/passwd"));
        assertEquals(SHADOW + "alice:!:1::::::\n", kept.tree.text("etc/shadow"));
        assertEquals("root:x:0:\nsudo:x:27:alice\n", kept.tree.text("etc/group"));

        MergedTree taken = merge(OnConflict.TAKE_BASE);
        assertEquals(PASSWD + "statd:x:101:1::/:/bin/sh\n", taken.tree.text("etc/passwd"));
        assertEquals(SHADOW + "statd:!:1::::::\n", taken.tree.text("etc/shadow"));
        assertEquals("root:x:0:\nsudo:x:27:statd\n", taken.tree.text("etc/group"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"root:x:0:0", "root:x:zero:0:::\n", "root:x:0:0:::\nroot:x:1:0:::\n", "a\0:x:0:0:::\n"})
    void whatDoesNotParseIsOneConflictForAllFour(String passwd) throws Exception {
        sliver.file("etc/passwd", passwd);
        newBase.file("etc/passwd", PASSWD + "statd:x:101:1::/:/bin/sh\n");
        MergedTree merged = merge(OnConflict.KEEP_SLIVER);
        assertEquals(1, merged.asked.size());
        assertEquals(passwd, merged.tree.text("etc/passwd"));
    }

    @Test
    void shellsAreASetAndOverlappingRangesAConflict() throws Exception {
        for (MemoryTree tree : List.of(oldBase, newBase, sliver)) {
            tree.file("etc/shells", "# shells\n/bin/sh\n").file("etc/subuid", "");
        }
        sliver.file("etc/shells", "# shells\n/bin/sh\n/bin/zsh\n").file("etc/subuid", "alice:100000:65536\n");
        newBase.file("etc/shells", "# shells\n/bin/sh\n/bin/fish\n").file("etc/subuid", "build:165535:65536\n");
        MergedTree kept = merge(OnConflict.KEEP_SLIVER);
        assertEquals("# shells\n/bin/sh\n/bin/fish\n/bin/zsh\n", kept.tree.text("etc/shells"));
        assertEquals(1, kept.asked.size());
        assertEquals("alice:100000:65536\n", kept.tree.text("etc/subuid"));
        newBase.file("etc/subuid", "build:165536:65536\n");
        assertEquals("build:165536:65536\nalice:100000:65536\n", clean().tree.text("etc/subuid"));
    }
}
