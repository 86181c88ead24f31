package dev.veneer.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.model.SliverId;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContainerNameTest {
    private final ContainerName names = new ContainerName("/var/lib/veneer");

    @Test
    void namesCanBeReadBackAndDifferByStore() {
        String longest = "x".repeat(63);
        for (SliverId sliver : List.of(new SliverId("default", "web"), new SliverId(longest, longest))) {
            String name = names.of(sliver);
            assertEquals(sliver, names.sliver(name));
            assertTrue(name.length() <= 136 && name.matches("[a-z0-9.-]+"), name);
            assertNotEquals(name, new ContainerName("/srv/veneer").of(sliver));
            assertNull(new ContainerName("/srv/veneer").sliver(name));
        }
        assertNotEquals(names.of(new SliverId("a", "b-c")), names.of(new SliverId("a-b", "c")));
    }

    @Test
    void foreignDirectoriesAreNotOurs() {
        String suffix = names.of(new SliverId("a", "b")).substring("a.b".length());
        for (String name : List.of(
                "",
                "web",
                "a.b",
                suffix,
                "a" + suffix,
                "a.b.c" + suffix,
                "A.b" + suffix,
                "..b" + suffix,
                ".a.b" + suffix)) {
            assertNull(names.sliver(name), name);
        }
    }

    @Test
    void nothingButLabelsBecomesAName() {
        for (String bad : List.of("", "A", "a.b", "../x", "a/b", "a\n", "-a", "a-", "x".repeat(64), "ä")) {
            assertThrows(IllegalArgumentException.class, () -> names.of(new SliverId("default", bad)), bad);
            assertThrows(IllegalArgumentException.class, () -> names.of(new SliverId(bad, "web")), bad);
        }
    }
}
