package dev.veneer.node.tree.rebase;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.veneer.node.testkit.LoopDevice;
import dev.veneer.node.testkit.OtherJvm;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What a compaction and a move take in memory does not grow with the number of files as these do. A million files in
 * 256 MiB: {@code -Dveneer.files=1000000 -Dveneer.files.heap=256m}.
 */
class ManySmallFilesIT {
    private static final int FILES = Integer.getInteger("veneer.files", 30_000);
    private static final String HEAP = System.getProperty("veneer.files.heap", "32m");

    @Test
    void theyNeedLittleMemory() throws Exception {
        // An inode of XFS takes half a KiB, a small file a block more; there are four trees of them.
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.XFS, 600 + FILES / 60)) {
            List<String> command = OtherJvm.command(ManySmallFiles.class);
            command.add(1, "-Xmx" + HEAP);
            command.add(device.mountPoint().resolve("stage").toString());
            command.add(Integer.toString(FILES));
            Process child =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, child.waitFor(), said);
            System.out.println("ManySmallFilesIT, -Xmx" + HEAP + ": " + said.strip());
        }
    }
}
