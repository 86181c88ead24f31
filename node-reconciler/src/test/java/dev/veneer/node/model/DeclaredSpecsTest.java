package dev.veneer.node.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;

class DeclaredSpecsTest {
    private static final String SPEC =
            "{\"baseImage\":\"debian\",\"deletionPolicy\":\"Delete\",\"desiredState\":\"Deployed\","
                    + "\"driver\":\"auto\",\"instanceSerial\":1,\"keepPrevious\":\"24h\",\"lxc\":{\"cpus\":\"2\"},"
                    + "\"personalize\":true,\"suspend\":false,\"update\":{\"grace\":\"30s\",\"policy\":\"Restart\"},"
                    + "\"userNamespace\":\"Auto\"}";
    private static final String OTHER = SPEC.replace("debian", "alpine");

    private static DesiredSliver sliver(String name, String spec, String label) {
        return DeclaredSpecs.sliver(
                new SliverId("default", name),
                spec,
                Map.of("is", label),
                Map.of("was", label),
                name + ".yaml:1:1",
                null);
    }

    @Test
    void aSliverIsWhatItsOwnDeclarationSaysWhateverWasReadBefore() {
        DesiredSliver alone = sliver("web", SPEC, "one");
        sliver("else", OTHER, "two");
        DesiredSliver afterAnother = sliver("web", SPEC, "one");
        DesiredSliver afterItsLike = sliver("web", new String(SPEC.toCharArray()), "one");
        assertEquals(alone, afterAnother);
        assertEquals(alone, afterItsLike);
        assertSame(afterAnother.canonicalSpec(), afterItsLike.canonicalSpec(), "one text for all that have it");
        DesiredSliver like = sliver("db", SPEC, "three");
        assertEquals(new SliverId("default", "db"), like.id());
        assertEquals(Map.of("is", "three"), like.labels());
        assertEquals(Map.of("was", "three"), like.annotations());
        assertEquals("db.yaml:1:1", like.origin());
        assertEquals(alone, like.another(alone.id(), alone.labels(), alone.annotations(), alone.origin(), null));
        assertNotEquals(alone, sliver("web", OTHER, "one"));
    }

    @Test
    void whatIsNoSpecIsRefusedAgainAndAgain() {
        for (String wrong : new String[] {"", "{", "[]", SPEC.substring(0, SPEC.length() - 1), "{\"unknown\":1}"}) {
            sliver("web", SPEC, "one");
            assertThrows(IllegalArgumentException.class, () -> sliver("web", wrong, "one"), wrong);
            assertThrows(IllegalArgumentException.class, () -> sliver("web", wrong, "one"), wrong);
        }
    }
}
