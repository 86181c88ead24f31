package dev.veneer.node.desired;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a plain scalar of YAML means: what it means to {@code kubectl}, so that a file says the same to both. That is YAML
 * 1.1 without numbers to the base of 60 ({@code 22:30} is a text) and with times as texts.
 */
final class PlainScalars {
    private static final Set<String> NULL = Set.of("", "~", "null", "Null", "NULL");
    private static final Set<String> TRUE =
            Set.of("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y");
    private static final Set<String> FALSE =
            Set.of("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N");
    private static final Pattern WHOLE = Pattern.compile("[-+]?(0|[1-9][0-9_]*|0o?[0-7_]+|0x[0-9a-fA-F_]+|0b[01_]+)");
    private static final Pattern BROKEN =
            Pattern.compile("[-+]?([0-9][0-9_]*[.][0-9_]*|[.][0-9_]+|[0-9][0-9_]*(?=[eE]))([eE][-+]?[0-9]{1,3})?");
    /** Longer ones are texts: nobody means them as numbers, and reading them costs the square of their length. */
    private static final int LONGEST_NUMBER = 64;

    private PlainScalars() {}

    static JsonNode of(String text) {
        if (NULL.contains(text)) {
            return NullNode.getInstance();
        }
        if (TRUE.contains(text)) {
            return BooleanNode.TRUE;
        }
        if (FALSE.contains(text)) {
            return BooleanNode.FALSE;
        }
        char first = text.charAt(0);
        boolean numeric = (first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.';
        if (numeric && text.length() <= LONGEST_NUMBER) {
            if (WHOLE.matcher(text).matches()) {
                return whole(text.replace("_", ""));
            }
            if (BROKEN.matcher(text).matches()) {
                return DecimalNode.valueOf(new BigDecimal(text.replace("_", "")));
            }
        }
        return TextNode.valueOf(text);
    }

    private static JsonNode whole(String text) {
        int sign = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        String digits = text.substring(sign);
        int base = 10;
        int skip = 0;
        if (digits.startsWith("0x")) {
            base = 16;
            skip = 2;
        } else if (digits.startsWith("0b")) {
            base = 2;
            skip = 2;
        } else if (digits.startsWith("0o")) {
            base = 8;
            skip = 2;
        } else if (digits.length() > 1 && digits.startsWith("0")) {
            base = 8;
            skip = 1;
        }
        if (skip == digits.length()) {
            return TextNode.valueOf(text);
        }
        BigInteger value = new BigInteger(digits.substring(skip), base);
        if (text.startsWith("-")) {
            value = value.negate();
        }
        return value.bitLength() < 64
                ? JsonNodeFactory.instance.numberNode(value.longValue())
                : JsonNodeFactory.instance.numberNode(value);
    }
}
