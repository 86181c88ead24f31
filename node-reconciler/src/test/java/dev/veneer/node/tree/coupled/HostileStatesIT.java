package dev.veneer.node.tree.coupled;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.veneer.node.testkit.LoopDevice;
import dev.veneer.node.testkit.OtherJvm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nothing that the owner of a sliver can write takes all memory of who moves it, nor all time. */
class HostileStatesIT {
    private static final int FILES = Integer.getInteger("veneer.states.files", 40_000);

    @Test
    @Timeout(300)
    void theyAreReadInLittleMemory() throws Exception {
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.XFS, 2000)) {
            Path place = Files.createDirectory(device.mountPoint().resolve("states"));
            List<String> command = OtherJvm.command(HostileStates.class);
            command.add(1, "-Xmx256m");
            command.add(2, "-XX:+ExitOnOutOfMemoryError");
            command.add(place.toString());
            command.add(Integer.toString(FILES));
            Process child =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, child.waitFor(), said);
            System.out.println("HostileStatesIT, -Xmx256m: " + said.strip());
        }
    }
}
