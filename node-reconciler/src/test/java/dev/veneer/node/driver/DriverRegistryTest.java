package dev.veneer.node.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.JnrLinuxCalls;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Drivers by name and in order. */
class DriverRegistryTest {
    private final DriverRegistry drivers = DriverRegistry.all(new JnrLinuxCalls());

    @Test
    void findsByName() {
        assertEquals(
                "btrfs-snapshot", drivers.find("btrfs-snapshot").orElseThrow().name());
        assertTrue(drivers.find("auto").isEmpty());
    }

    @Test
    void twoOfOneNameAreAMistake() {
        DriverRegistry.Entry entry = drivers.inOrder().get(0);
        assertThrows(IllegalArgumentException.class, () -> new DriverRegistry(List.of(entry, entry)));
    }
}
