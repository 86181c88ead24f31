package dev.veneer.node.tree.coupled.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.MalformedState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RelationTest {
    private static final Bytes PATH = Bytes.utf8("var/lib/dpkg/status");

    private static List<List<Relation>> parse(String field) throws MalformedState {
        return Relation.parse(PATH, Bytes.utf8(field));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "libc6 (>= 2.36)|libc6 (>= 2.36)",
                "libc6:any(>=2.36)|libc6:any (>= 2.36)",
                "libc6  ( >= 2.36 )  [amd64 arm64]|libc6 (>= 2.36)",
                "libc6 [amd64]|libc6",
                "a.b+c-d|a.b+c-d"
            })
    void isReadAsItIs(String text, String relation) throws Exception {
        assertEquals(relation, parse(text).get(0).get(0).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"(>= 1)", "a (>= )", "a (2)", "a b", "a (>= 1", "a [b", "a:"})
    void whatIsNoneIsMalformed(String text) {
        assertThrows(MalformedState.class, () -> parse(text));
    }

    /** Where blanks could be read in two ways, as many steps as the square of their number were tried. */
    @ParameterizedTest
    @ValueSource(strings = {"a%sx", "a(>=%sx", "a (>= 1%sx", "a:b%s(", "a [%s"})
    void amillionBlanksTakeNoTime(String form) {
        String text = form.formatted(" ".repeat(1_000_000));
        assertTimeout(Duration.ofSeconds(5), () -> assertThrows(MalformedState.class, () -> parse(text)));
    }

    @Test
    void aFieldThatNobodyWritesIsMalformed() {
        assertThrows(MalformedState.class, () -> parse("a,".repeat(600_000)));
    }
}
