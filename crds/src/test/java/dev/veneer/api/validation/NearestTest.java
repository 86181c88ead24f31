package dev.veneer.api.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What somebody probably meant. */
class NearestTest {
    private static final List<String> KNOWN = List.of("baseImage", "driver", "desiredState", "store");

    @ParameterizedTest
    @CsvSource({"baseimage,baseImage", "base-image,baseImage", "drvier,driver", "desiredSate,desiredState", "stor,store"
    })
    void findsWhatIsNear(String wrong, String meant) {
        assertEquals(meant, Nearest.to(wrong, KNOWN));
    }

    @Test
    void saysNothingOfWhatIsFarOrHuge() {
        assertNull(Nearest.to("quota", KNOWN));
        assertNull(Nearest.to("x".repeat(1_000_000), KNOWN));
        assertEquals("known: baseImage, driver, desiredState, store", Nearest.hint("quota", KNOWN));
    }
}
