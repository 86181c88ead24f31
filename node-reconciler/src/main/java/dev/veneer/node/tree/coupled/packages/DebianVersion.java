package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.Octets;

/** Compares versions as Debian's policy says: epoch, upstream version, revision; a tilde sorts before the end. */
final class DebianVersion {
    private DebianVersion() {}

    static int compare(Bytes a, Bytes b) {
        return compare(Octets.ascii(a), Octets.ascii(b));
    }

    static int compare(String a, String b) {
        int byEpoch = compareNumbers(epoch(a), epoch(b));
        if (byEpoch != 0) {
            return byEpoch;
        }
        int byUpstream = compareParts(upstream(a), upstream(b));
        return byUpstream != 0 ? byUpstream : compareParts(revision(a), revision(b));
    }

    private static String epoch(String version) {
        int colon = version.indexOf(':');
        return colon < 0 ? "0" : version.substring(0, colon);
    }

    private static String upstream(String version) {
        String rest = version.substring(version.indexOf(':') + 1);
        int dash = rest.lastIndexOf('-');
        return dash < 0 ? rest : rest.substring(0, dash);
    }

    private static String revision(String version) {
        int dash = version.substring(version.indexOf(':') + 1).lastIndexOf('-');
        return dash < 0 ? "" : version.substring(version.indexOf(':') + 1).substring(dash + 1);
    }

    private static int compareParts(String a, String b) {
        int i = 0;
        int j = 0;
        while (i < a.length() || j < b.length()) {
            while ((i < a.length() && !isDigit(a.charAt(i))) || (j < b.length() && !isDigit(b.charAt(j)))) {
                int byOrder = Integer.compare(order(a, i), order(b, j));
                if (byOrder != 0) {
                    return byOrder;
                }
                i++;
                j++;
            }
            int iEnd = endOfDigits(a, i);
            int jEnd = endOfDigits(b, j);
            int byNumber = compareNumbers(
                    a.substring(Math.min(i, a.length()), iEnd), b.substring(Math.min(j, b.length()), jEnd));
            if (byNumber != 0) {
                return byNumber;
            }
            i = iEnd;
            j = jEnd;
        }
        return 0;
    }

    /** Tilde before the end and digits, those before letters, letters before all else. */
    private static int order(String text, int at) {
        if (at >= text.length() || isDigit(text.charAt(at))) {
            return 0;
        }
        char c = text.charAt(at);
        if (c == '~') {
            return -1;
        }
        boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter ? c : c + 256;
    }

    private static int endOfDigits(String text, int from) {
        int end = Math.min(from, text.length());
        while (end < text.length() && isDigit(text.charAt(end))) {
            end++;
        }
        return end;
    }

    /** Of any length, without leading zeros. */
    static int compareNumbers(String a, String b) {
        String x = withoutZeros(a);
        String y = withoutZeros(b);
        return x.length() != y.length() ? Integer.compare(x.length(), y.length()) : Integer.signum(x.compareTo(y));
    }

    private static String withoutZeros(String digits) {
        int from = 0;
        while (from < digits.length() && digits.charAt(from) == '0') {
            from++;
        }
        return digits.substring(from);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
