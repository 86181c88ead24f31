package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.Octets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Compares versions as apk does: {@code 1.2.3b_rc1~abc-r4} is numbers, a letter, suffixes with a number, the hash of a
 * commit, and the number of the build. What is longer is higher, but for suffixes that stand for something before a release.
 */
final class ApkVersion {
    private static final Pattern PART = Pattern.compile("(?<number>(?:^|\\.|(?<=[a-z]))[0-9]+)"
            + "|(?<letter>(?<=[0-9])[a-z])"
            + "|_(?<suffix>alpha|beta|pre|rc|cvs|svn|git|hg|p)(?<count>[0-9]*)"
            + "|~(?<hash>[0-9a-f]+)"
            + "|-r(?<build>[0-9]+)");
    private static final List<String> SUFFIXES = List.of("alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p");
    private static final int BEFORE_A_RELEASE = 4;

    /** What a part of a version is. Where two versions go on differently, the one with the earlier kind is higher. */
    private enum Kind {
        NUMBER,
        LETTER,
        SUFFIX,
        COUNT,
        HASH,
        BUILD,
        /** What no version has. */
        OTHER,
        END
    }

    private record Part(Kind kind, String text) {
        private static final Part END = new Part(Kind.END, "");

        boolean isBeforeRelease() {
            return kind == Kind.SUFFIX && SUFFIXES.indexOf(text) < BEFORE_A_RELEASE;
        }
    }

    private ApkVersion() {}

    static int compare(Bytes a, Bytes b) {
        return compare(Octets.ascii(a), Octets.ascii(b));
    }

    static int compare(String a, String b) {
        List<Part> x = parts(a);
        List<Part> y = parts(b);
        for (int i = 0; i < Math.max(x.size(), y.size()); i++) {
            int order = compare(i, at(x, i), at(y, i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    /** Whether a version is what {@code ~1.2} means: of that version, or that with more behind it. */
    static boolean begins(String version, String with) {
        List<Part> x = parts(version);
        List<Part> y = parts(with);
        for (int i = 0; i < y.size(); i++) {
            if (compare(i, at(x, i), y.get(i)) != 0) {
                return false;
            }
        }
        return true;
    }

    private static Part at(List<Part> parts, int i) {
        return i < parts.size() ? parts.get(i) : Part.END;
    }

    private static int compare(int index, Part a, Part b) {
        if (a.kind() != b.kind()) {
            if (a.isBeforeRelease() || b.isBeforeRelease()) {
                return a.isBeforeRelease() ? -1 : 1;
            }
            return b.kind().compareTo(a.kind());
        }
        return switch (a.kind()) {
            case NUMBER -> {
                // Behind the first dot a leading zero makes them digits of a fraction.
                boolean fraction =
                        index > 0 && (a.text().startsWith("0") || b.text().startsWith("0"));
                yield fraction ? a.text().compareTo(b.text()) : DebianVersion.compareNumbers(a.text(), b.text());
            }
            case COUNT, BUILD -> DebianVersion.compareNumbers(a.text(), b.text());
            case SUFFIX -> Integer.compare(SUFFIXES.indexOf(a.text()), SUFFIXES.indexOf(b.text()));
            default -> a.text().compareTo(b.text());
        };
    }

    private static List<Part> parts(String version) {
        List<Part> parts = new ArrayList<>();
        Matcher matcher = PART.matcher(version);
        int at = 0;
        while (at < version.length() && matcher.find(at) && matcher.start() == at) {
            if (matcher.group("number") != null) {
                parts.add(new Part(Kind.NUMBER, matcher.group("number").replace(".", "")));
            } else if (matcher.group("letter") != null) {
                parts.add(new Part(Kind.LETTER, matcher.group("letter")));
            } else if (matcher.group("suffix") != null) {
                parts.add(new Part(Kind.SUFFIX, matcher.group("suffix")));
                if (!matcher.group("count").isEmpty()) {
                    parts.add(new Part(Kind.COUNT, matcher.group("count")));
                }
            } else if (matcher.group("hash") != null) {
                parts.add(new Part(Kind.HASH, matcher.group("hash")));
            } else {
                parts.add(new Part(Kind.BUILD, matcher.group("build")));
            }
            at = matcher.end();
        }
        if (at < version.length()) {
            parts.add(new Part(Kind.OTHER, version.substring(at)));
        }
        return parts;
    }
}
