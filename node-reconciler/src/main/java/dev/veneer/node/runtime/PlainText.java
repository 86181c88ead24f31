package dev.veneer.node.runtime;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Makes what a guest wrote harmless for the terminal of the person who reads it: no escape sequences, no control
 * characters but line feed and tabulator.
 */
final class PlainText {
    private static final Pattern ESCAPES = Pattern.compile(
            "\u001b\\[[0-?]*[ -/]*[@-~]" // control sequences
                    + "|\u001b[\\]PX^_][^\u0007\u001b]*(\u0007|\u001b\\\\)?" // strings: titles, device control
                    + "|\u001b[ -/]*[0-~]?");
    private static final Pattern CONTROLS = Pattern.compile("[\\p{Cc}&&[^\n\t]]");

    private PlainText() {}

    static String of(byte[] content) {
        String text = new String(content, StandardCharsets.UTF_8).replace("\r\n", "\n");
        return CONTROLS.matcher(ESCAPES.matcher(text).replaceAll("")).replaceAll("");
    }
}
