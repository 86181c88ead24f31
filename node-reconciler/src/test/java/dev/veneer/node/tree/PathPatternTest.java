package dev.veneer.node.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Patterns that an owner or a stranger may have written to keep a node busy. */
class PathPatternTest {
    private static final int MANY = 30;

    /** Tried out in every way, each of these would take longer than anybody waits. */
    @ParameterizedTest
    @CsvSource({"a*, aaa, b", "**/a/, a/a/a/, b", "*a?*, aaaa, b", "**/*a*/, aa/aa/, b"})
    void aPatternOfManyStarsIsDecidedAtOnce(String pattern, String path, String end) {
        PathPattern many = PathPattern.parse("/" + pattern.repeat(MANY) + end);
        byte[] no = (path.repeat(MANY) + "c").getBytes(StandardCharsets.UTF_8);
        byte[] yes = (path.repeat(MANY) + end).getBytes(StandardCharsets.UTF_8);
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            assertEquals(false, many.matches(no));
            assertEquals(true, many.matches(yes));
        });
    }

    @ParameterizedTest
    @CsvSource({
        "/a/**/d, a/d, true",
        "/a/**/d, a/b/c/d, true",
        "/a/**/d, a/b/c/e, false",
        "/a/**/b/**/c, a/x/b/y/b/z/c, true",
        "/a/**/b/**/c, a/x/c/y/b, false",
        "/a/**, a, false",
        "/a/**, a/b, true",
        "/*.c*f, x.c.conf, true",
        "/*.c*f, x.c.cong, false",
        "/a*[0-9]x, a12x, true",
        "/a*[0-9]x, a12y, false"
    })
    void starsGoBackOnlyToTheLast(String pattern, String path, boolean matches) {
        assertEquals(matches, PathPattern.parse(pattern).matches(path.getBytes(StandardCharsets.UTF_8)));
    }
}
