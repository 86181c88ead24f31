package dev.veneer.api.validation;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds what somebody probably meant, for messages that say what would be right. */
public final class Nearest {
    private static final int LONGEST = 128;

    private Nearest() {}

    /**
     * The known name nearest to a wrong one by edit distance (insert, remove, replace, swap neighbours; case does not
     * count), or null when none is near enough to be meant.
     */
    public static @Nullable String to(String wrong, Collection<String> known) {
        if (wrong.length() > LONGEST) {
            return null;
        }
        String nearest = null;
        int least = Math.max(1, wrong.length() / 3) + 1;
        for (String candidate : known) {
            int distance = distance(wrong.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance < least) {
                least = distance;
                nearest = candidate;
            }
        }
        return nearest;
    }

    /** {@code did you mean "x"?}, or what there is to choose from. */
    public static String hint(String wrong, Collection<String> known) {
        String nearest = to(wrong, known);
        if (nearest != null) {
            return "did you mean " + Quoted.of(nearest) + "?";
        }
        return known.isEmpty() ? "nothing is known here" : "known: " + String.join(", ", List.copyOf(known));
    }

    private static int distance(String a, String b) {
        int[] before = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(last[j], row[j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], before[j - 2] + 1);
                }
            }
            int[] free = before;
            before = last;
            last = row;
            row = free;
        }
        return last[b.length()];
    }
}
