package dev.veneer.node.driver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.driver.Availability;
import dev.veneer.node.driver.DriverRegistry;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A driver tells by trying whether it works here. */
interface ProbeCases extends Worlds {
    @Test
    default void probeSaysYesAndLeavesNothing() throws Exception {
        try (World world = world()) {
            Path scratch = Files.createDirectory(world.directory.resolve("scratch"));
            Availability answer = world.driver.probe(scratch.toString());
            assertTrue(answer.available(), answer.toString());
            assertFalse(answer.reason().isEmpty());
            assertEquals("", answer.remedy());
            assertEquals("", Commands.run("ls", "-A", scratch.toString()));
        }
    }

    @Test
    default void probeOnReadOnlyDirectorySaysNo() throws Exception {
        try (World world = world()) {
            Path scratch = Files.createDirectory(world.directory.resolve("scratch"));
            Commands.run("mount", "--bind", scratch.toString(), scratch.toString());
            Commands.run("mount", "-o", "remount,bind,ro", scratch.toString());
            try {
                assertNo(world.driver.probe(scratch.toString()));
            } finally {
                Commands.run("umount", scratch.toString());
            }
        }
    }

    @Test
    default void probeOnMissingDirectorySaysNo() throws Exception {
        try (World world = world()) {
            assertNo(world.driver.probe(world.directory.resolve("nowhere").toString()));
        }
    }

    @Test
    default void probeSaysNoWhateverFails() throws Exception {
        try (World world = world()) {
            Path scratch = Files.createDirectory(world.directory.resolve("scratch"));
            FaultyLinuxCalls faulty = new FaultyLinuxCalls(world.calls).counting(FaultyLinuxCalls.CHANGING);
            var driver =
                    DriverRegistry.all(faulty.calls()).find(world.driver.name()).orElseThrow();
            driver.probe(scratch.toString());
            long calls = faulty.counted();
            for (long at = 1; at <= calls; at++) {
                faulty.reset();
                faulty.failAt(at, Errno.EIO);
                assertNo(driver.probe(scratch.toString()));
            }
        }
    }

    private static void assertNo(Availability answer) {
        assertFalse(answer.available(), answer.toString());
        assertFalse(answer.reason().isEmpty());
        assertFalse(answer.remedy().isEmpty());
    }
}
