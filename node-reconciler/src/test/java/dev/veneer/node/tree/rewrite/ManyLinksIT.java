package dev.veneer.node.tree.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.veneer.node.testkit.OtherJvm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After a compaction each file of a sliver has two names until the trash is empty: that takes no memory. */
class ManyLinksIT {
    @TempDir
    Path scratch;

    @Test
    void theyAreToldApartInLittleMemory() throws Exception {
        List<String> command = OtherJvm.command(ManyLinks.class);
        command.add(1, "-Xmx24m");
        command.add(scratch.toString());
        command.add("200000");
        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, child.waitFor(), said);
    }
}
