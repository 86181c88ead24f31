package dev.veneer.node.image;

/** Numbers of a tar header and of its extended headers. */
final class TarNumbers {
    /** What a field holds that is no number. */
    static final class BadNumber extends Exception {
        private static final long serialVersionUID = 1L;

        BadNumber(String message) {
            super(message);
        }
    }

    /** A time of an extended header. */
    record Time(long seconds, int nanoseconds) {}

    private TarNumbers() {}

    /**
     * A field of the header: octal digits, with blanks before and a blank or NUL after them, or, when its first bit is
     * set, a big-endian number in two's complement. An empty field is 0.
     */
    static long field(byte[] header, int offset, int length) throws BadNumber {
        if ((header[offset] & 0x80) != 0) {
            return binary(header, offset, length);
        }
        int at = offset;
        int end = offset + length;
        while (at < end && header[at] == ' ') {
            at++;
        }
        long value = 0;
        for (; at < end && header[at] != ' ' && header[at] != 0; at++) {
            int digit = header[at] - '0';
            if (digit < 0 || digit > 7 || value >>> 60 != 0) {
                throw new BadNumber("a number that is not octal");
            }
            value = (value << 3) | digit;
        }
        return value;
    }

    private static long binary(byte[] header, int offset, int length) throws BadNumber {
        // Bit 7 of the first byte is the mark, bit 6 the sign.
        boolean negative = (header[offset] & 0x40) != 0;
        long value = negative ? -1 : 0;
        for (int i = 0; i < length; i++) {
            int b = header[offset + i] & 0xff;
            if (i == 0) {
                b = negative ? b | 0x80 : b & 0x7f;
            }
            if (value >> 55 != (negative ? -1 : 0)) {
                throw new BadNumber("a binary number that is too large");
            }
            value = (value << 8) | b;
        }
        return value;
    }

    /** A decimal number of an extended header, not negative. */
    static long decimal(byte[] text, int from, int to) throws BadNumber {
        if (from == to) {
            throw new BadNumber("an empty number");
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                throw new BadNumber("a number that is not decimal or too large");
            }
            value = 10 * value + digit;
        }
        return value;
    }

    /** A time of an extended header: decimal seconds, possibly negative, with any number of digits after a point. */
    static Time time(byte[] text) throws BadNumber {
        boolean negative = text.length > 0 && text[0] == '-';
        int from = negative ? 1 : 0;
        int point = from;
        while (point < text.length && text[point] != '.') {
            point++;
        }
        long seconds = decimal(text, from, point);
        int nanoseconds = 0;
        int digits = 0;
        boolean more = false;
        for (int i = point + 1; i < text.length; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9) {
                throw new BadNumber("a time that is not decimal");
            }
            if (digits < 9) {
                nanoseconds = 10 * nanoseconds + digit;
                digits++;
            } else {
                more |= digit != 0;
            }
        }
        for (; digits < 9; digits++) {
            nanoseconds *= 10;
        }
        if (!negative) {
            return new Time(seconds, nanoseconds);
        }
        // Down to the next nanosecond, so that the fraction counts forward as the kernel has it.
        int below = nanoseconds + (more ? 1 : 0);
        return below == 0 ? new Time(-seconds, 0) : new Time(-seconds - 1, 1_000_000_000 - below);
    }
}
