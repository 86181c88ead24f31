package dev.veneer.node.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.DriverFacts;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which driver a new sliver gets, and what its status says about it. */
class DriverChoiceTest {
    private static DriverFacts driver(String name, boolean available, boolean mapsIds) {
        return new DriverFacts(
                name, BaseForm.DIR, available, available ? "is good" : "it is broken", mapsIds, List.of());
    }

    private static DriverChoice choose(String asked, List<DriverFacts> drivers, List<String> preferred, boolean mapped)
            throws NodeException {
        Declared declared = new Declared("web");
        declared.driver = asked;
        return DriverChoice.choose(declared.toSliver(), drivers, preferred, mapped);
    }

    @Test
    void firstAvailableInOurOrder() throws NodeException {
        DriverChoice choice =
                choose("auto", List.of(driver("overlay", true, true), driver("copy", true, true)), List.of(), false);
        assertEquals("overlay", choice.driver().name());
        assertEquals("auto: is good", choice.reason());
    }

    @Test
    void reasonNamesThoseThatWerePassedOver() throws NodeException {
        DriverChoice choice =
                choose("auto", List.of(driver("overlay", false, true), driver("copy", true, true)), List.of(), false);
        assertEquals("copy", choice.driver().name());
        assertTrue(choice.reason().contains("not overlay: it is broken"), choice.reason());
    }

    @Test
    void preferenceOfTheNodeStore() throws NodeException {
        DriverChoice choice = choose(
                "auto",
                List.of(driver("overlay", true, true), driver("copy", true, true)),
                List.of("copy", "overlay"),
                false);
        assertEquals("copy", choice.driver().name());
        assertTrue(choice.reason().contains("preferred by the NodeStore"), choice.reason());
    }

    @Test
    void oneThatCannotMapIdsIsNoChoiceForAMappedSliver() throws NodeException {
        List<DriverFacts> drivers = List.of(driver("plain", true, false), driver("copy", true, true));
        assertEquals("copy", choose("auto", drivers, List.of(), true).driver().name());
        NodeException refused = assertThrows(NodeException.class, () -> choose("plain", drivers, List.of(), true));
        assertEquals(Reason.DriverUnavailable, refused.reason());
    }

    @Test
    void noneIsAvailable() {
        NodeException refused = assertThrows(
                NodeException.class, () -> choose("auto", List.of(driver("overlay", false, true)), List.of(), false));
        assertEquals(Reason.DriverUnavailable, refused.reason());
        assertTrue(String.valueOf(refused.getMessage()).contains("overlay: it is broken"), refused.getMessage());
    }
}
