package dev.veneer.node.observe;

import dev.veneer.node.model.MountEntry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Parses {@code /proc/PID/mountinfo} ({@code man 5 proc_pid_mountinfo}):
 * {@code ID PARENT MAJ:MIN ROOT TARGET OPTIONS [TAG…] - FSTYPE SOURCE SUPEROPTIONS}, blanks in fields escaped in octal.
 * Fields that repeat from one line to the next are not made twice; thousands of mounts mostly differ in few of them.
 */
final class MountInfoParser {
    private static final int FIELDS = 8;
    private static final int DEVICE = 0;
    private static final int ROOT = 1;
    private static final int TARGET = 2;
    private static final int OPTIONS = 3;
    private static final int TYPE = 4;
    private static final int SOURCE = 5;
    private static final int SUPER = 6;

    private final byte[] text;
    private final int end;
    private final String[] last = new String[FIELDS];
    private final int[] lastFrom = new int[FIELDS];
    private final int[] lastTo = new int[FIELDS];
    private int at;

    MountInfoParser(byte[] text, int length) {
        this.text = text;
        this.end = length;
        Arrays.fill(last, "");
    }

    /** All complete lines; a line that is cut short or not of this form is left out. */
    List<MountEntry> parse() {
        List<MountEntry> entries = new ArrayList<>(end / 160 + 1);
        while (at < end) {
            int lineEnd = at;
            while (lineEnd < end && text[lineEnd] != '\n') {
                lineEnd++;
            }
            if (lineEnd < end) {
                line(lineEnd, entries);
            }
            at = lineEnd + 1;
        }
        return entries;
    }

    private void line(int lineEnd, List<MountEntry> entries) {
        int id = number(lineEnd);
        int parent = number(lineEnd);
        if (id < 0 || parent < 0) {
            return;
        }
        String device = field(DEVICE, lineEnd);
        String root = field(ROOT, lineEnd);
        String target = field(TARGET, lineEnd);
        String options = field(OPTIONS, lineEnd);
        if (!skipTags(lineEnd)) {
            return;
        }
        String type = field(TYPE, lineEnd);
        String source = field(SOURCE, lineEnd);
        String superOptions = field(SUPER, lineEnd);
        entries.add(new MountEntry(id, parent, device, root, target, options, type, source, superOptions));
    }

    private int number(int lineEnd) {
        int value = -1;
        while (at < lineEnd && text[at] >= '0' && text[at] <= '9') {
            value = Math.max(value, 0) * 10 + (text[at] - '0');
            at++;
        }
        at++;
        return value;
    }

    /** Goes behind the {@code -} that ends the optional tags. */
    private boolean skipTags(int lineEnd) {
        while (at < lineEnd) {
            boolean separator = text[at] == '-' && at + 1 < lineEnd && text[at + 1] == ' ';
            while (at < lineEnd && text[at] != ' ') {
                at++;
            }
            at++;
            if (separator) {
                return true;
            }
        }
        return false;
    }

    private String field(int which, int lineEnd) {
        int from = Math.min(at, lineEnd);
        int to = from;
        while (to < lineEnd && text[to] != ' ') {
            to++;
        }
        at = to + 1;
        if (!Arrays.equals(text, from, to, text, lastFrom[which], lastTo[which])) {
            last[which] = unescape(from, to);
            lastFrom[which] = from;
            lastTo[which] = to;
        }
        return last[which];
    }

    private String unescape(int from, int to) {
        int first = from;
        while (first < to && text[first] != '\\') {
            first++;
        }
        if (first == to) {
            return new String(text, from, to - from, StandardCharsets.UTF_8);
        }
        byte[] plain = new byte[to - from];
        int length = 0;
        for (int i = from; i < to; i++) {
            if (text[i] == '\\' && isOctal(i + 1, to)) {
                plain[length++] =
                        (byte) (((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0'));
                i += 3;
            } else {
                plain[length++] = text[i];
            }
        }
        return new String(plain, 0, length, StandardCharsets.UTF_8);
    }

    private boolean isOctal(int from, int to) {
        if (from + 3 > to) {
            return false;
        }
        for (int i = from; i < from + 3; i++) {
            if (text[i] < '0' || text[i] > '7') {
                return false;
            }
        }
        return true;
    }
}
