package dev.veneer.node.runtime;

import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.model.ContainerSpec;
import dev.veneer.node.model.LxcSettings;
import dev.veneer.node.model.SliverId;
import java.util.List;

/** A process that starts a container, says so and stays until it is killed, as an agent would be. */
final class StartAndWait {
    private StartAndWait() {}

    public static void main(String[] arguments) throws Exception {
        new LxcRuntime(new JnrLinuxCalls(), arguments[0], Host.HERE)
                .start(new ContainerSpec(
                        new SliverId("default", "web"),
                        "uid:1",
                        arguments[1],
                        Guests.RANGE,
                        LxcSettings.NONE,
                        true,
                        false,
                        List.of()));
        System.out.print("started\n");
        System.out.flush();
        Thread.sleep(60_000);
    }
}
