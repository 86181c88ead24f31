package dev.veneer.node.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.JnrLinuxCalls;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What {@code auto} comes to. */
class DriverRegistryTest {
    private static final Availability YES = Availability.yes("tried");
    private static final Availability NO = Availability.no("it is broken", "mend it");

    private final DriverRegistry drivers = DriverRegistry.all(new JnrLinuxCalls());

    @Test
    void firstAvailableInOurOrder() {
        DriverRegistry.Choice choice =
                drivers.choose(List.of(), Map.of("overlay", YES, "copy", YES)).orElseThrow();
        assertEquals("overlay", choice.driver().name());
        assertTrue(choice.reason().startsWith("auto: shares the base's bytes"), choice.reason());
    }

    @Test
    void reasonNamesThoseThatWerePassedOver() {
        DriverRegistry.Choice choice =
                drivers.choose(List.of(), Map.of("overlay", NO, "copy", YES)).orElseThrow();
        assertEquals("copy", choice.driver().name());
        assertTrue(choice.reason().contains("not overlay: it is broken"), choice.reason());
        assertTrue(choice.reason().contains("not btrfs-snapshot: not tried"), choice.reason());
    }

    @Test
    void preferenceOfTheNodeStore() {
        DriverRegistry.Choice choice = drivers.choose(
                        List.of("zfs", "copy", "overlay"), Map.of("overlay", YES, "copy", YES))
                .orElseThrow();
        assertEquals("copy", choice.driver().name());
        assertTrue(choice.reason().contains("preferred by the NodeStore"), choice.reason());
        assertTrue(choice.reason().contains("zfs: no such driver"), choice.reason());
    }

    @Test
    void noneIsAvailable() {
        assertTrue(drivers.choose(List.of(), Map.of("overlay", NO)).isEmpty());
        assertTrue(drivers.choose(List.of("zfs"), Map.of("overlay", YES)).isEmpty());
    }

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
