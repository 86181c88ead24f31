package dev.veneer.node.runtime;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.model.LxcSettings;
import dev.veneer.node.model.SliverId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who held a container still is killed. */
class FreezerIT {
    private static final SliverId WEB = new SliverId("default", "web");

    /** The command that holds it outlives the killed one, and gets to its work when another has let the container go on. */
    @Test
    void theCommandOfTheKilledIsEndedBeforeItHoldsAnything() throws Exception {
        try (Guests guests = new Guests()) {
            guests.runtime.start(guests.deploy(WEB, guests.busybox(), Guests.RANGE, LxcSettings.NONE));
            Path lxc = guests.store.resolve("lxc");
            String name = new ContainerName(guests.store.toString()).of(WEB);
            Path mark = Files.createFile(lxc.resolve(name).resolve(ContainerFiles.FROZEN));
            Process late = late(guests, name, lxc);
            Process ofAnother = late(guests, name, lxc.resolveSibling("other"));
            try {
                guests.runtime().thawLeftOvers();
                assertFalse(Files.exists(mark));
                assertTrue(late.waitFor(10, TimeUnit.SECONDS));
                assertNotEquals(0, late.exitValue());
                assertTrue(ofAnother.isAlive(), "that of another store's container");
            } finally {
                late.destroyForcibly().waitFor();
                ofAnother.destroyForcibly().waitFor();
            }
        }
    }

    /** As lxc-freeze leaves it when it is killed before it has told the monitor. */
    @Test
    void whatIsHeldWithoutLxcKnowingGoesOn() throws Exception {
        try (Guests guests = new Guests()) {
            guests.runtime.start(guests.deploy(WEB, guests.busybox(), Guests.RANGE, LxcSettings.NONE));
            String name = new ContainerName(guests.store.toString()).of(WEB);
            Path mark =
                    Files.createFile(guests.store.resolve("lxc").resolve(name).resolve(ContainerFiles.FROZEN));
            Path old = Path.of("/sys/fs/cgroup/freezer/lxc.payload." + name + "/freezer.state");
            Path unified = Path.of("/sys/fs/cgroup/lxc.payload." + name + "/cgroup.freeze");
            Path state = Files.exists(old) ? old : unified;
            String running = Files.readString(state);
            Files.writeString(state, state.equals(old) ? "FROZEN" : "1");
            Guests.await("it is held", () -> !Files.readString(state).equals(running));
            guests.runtime().thawLeftOvers();
            assertFalse(Files.exists(mark));
            Guests.await("it goes on", () -> Files.readString(state).equals(running));
        }
    }

    /** Perl runs the file of the name: what it is called by looks like the command, which has not begun to work. */
    private static Process late(Guests guests, String name, Path lxc) throws Exception {
        Path begun = guests.store.resolve("begun");
        Files.deleteIfExists(begun);
        Files.writeString(
                guests.store.resolve(name), "BEGIN { open(F, '>', '" + begun + "'); close(F); sleep 60; exit 0 }\n");
        Process process = new ProcessBuilder(
                        "bash",
                        "-c",
                        "exec -a /usr/bin/lxc-freeze perl -n \"$1\" -P \"$2\"",
                        "bash",
                        name,
                        lxc.toString())
                .directory(guests.store.toFile())
                .start();
        while (!Files.exists(begun)) {
            assertTrue(process.isAlive(), "perl did not begin");
            Thread.sleep(5);
        }
        return process;
    }
}
