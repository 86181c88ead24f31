package dev.veneer.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlainTextTest {
    private static String plain(String text) {
        return PlainText.of(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void textStaysColoursAndTitlesGo() {
        assertEquals("[  OK  ] Started grün.\n\tx", plain("[\u001b[0;32m  OK  \u001b[0m] Started grün.\r\n\tx"));
        assertEquals("ab", plain("a\u001b]0;title\u0007b"));
        assertEquals("ab", plain("a\u001b]52;c;ZXZpbA==\u001b\\b"));
        assertEquals("ab", plain("a\u001bPq#0\u001b\\b"));
        assertEquals("ab", plain("a\u001bcb"));
        assertEquals("ab", plain("a\u0000\u0008\u007f\u009bb"));
    }

    @Test
    void nothingDangerousIsLeftOfAnything() {
        Random random = new Random(3);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            for (int j = 0; j < bytes.length; j++) {
                if (random.nextInt(4) == 0) {
                    bytes[j] = "\u001b[]\\P;0m".getBytes(StandardCharsets.US_ASCII)[random.nextInt(8)];
                }
            }
            String plain = PlainText.of(bytes);
            assertTrue(plain.chars().noneMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\t'), plain);
        }
        assertEquals("", plain("\u001b]" + "x".repeat(1 << 18)), "an unending sequence is no stack overflow");
    }
}
