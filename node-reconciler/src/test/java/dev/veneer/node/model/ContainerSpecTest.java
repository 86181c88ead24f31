package dev.veneer.node.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContainerSpecTest {
    private static ContainerSpec spec(String instance, LxcSettings lxc) {
        return new ContainerSpec(
                new SliverId("default", "web"),
                instance,
                "/r",
                new IdRange(100_000, 65_536),
                lxc,
                true,
                false,
                List.of());
    }

    private static LxcSettings lxc(List<String> config, long memory, Map<String, String> environment) {
        return new LxcSettings(config, null, memory, 0, 0, environment);
    }

    @Test
    void fingerprintTellsWhatTakesARestart() {
        String base = spec("u:1", LxcSettings.NONE).fingerprint();
        assertEquals(base, spec("u:1", lxc(List.of(), 0, Map.of())).fingerprint());
        assertNotEquals(base, spec("u:2", LxcSettings.NONE).fingerprint());
        assertNotEquals(base, spec("u:1", lxc(List.of(), 1, Map.of())).fingerprint());
        assertNotEquals(
                base, spec("u:1", lxc(List.of("lxc.tty.max = 1"), 0, Map.of())).fingerprint());
        assertNotEquals(base, spec("u:1", lxc(List.of(), 0, Map.of("A", "b"))).fingerprint());
    }

    @Test
    void orderOfTheEnvironmentDoesNotMatterItsBordersDo() {
        Map<String, String> one = new LinkedHashMap<>();
        one.put("A", "1");
        one.put("B", "2");
        Map<String, String> other = new LinkedHashMap<>();
        other.put("B", "2");
        other.put("A", "1");
        assertEquals(
                spec("u", lxc(List.of(), 0, one)).fingerprint(),
                spec("u", lxc(List.of(), 0, other)).fingerprint());
        assertNotEquals(
                spec("u", lxc(List.of("ab", "c"), 0, Map.of())).fingerprint(),
                spec("u", lxc(List.of("a", "bc"), 0, Map.of())).fingerprint());
    }
}
