package dev.veneer.node.tree.coupled;

import dev.veneer.node.tree.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** A pattern of a built-in rule, compiled. */
final class PathPattern {
    private final Pattern pattern;

    private PathPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    static PathPattern of(String glob) {
        StringBuilder regex = new StringBuilder();
        int at = 0;
        while (at < glob.length()) {
            if (glob.startsWith("**/", at)) {
                regex.append("(?:.*/)?");
                at += 3;
            } else if (glob.startsWith("**", at)) {
                regex.append(".+");
                at += 2;
            } else if (glob.charAt(at) == '*') {
                regex.append("[^/]*");
                at++;
            } else {
                regex.append(Pattern.quote(glob.substring(at, at + 1)));
                at++;
            }
        }
        return new PathPattern(Pattern.compile(regex.toString(), Pattern.DOTALL));
    }

    boolean matches(Bytes path) {
        // A character for each byte, so that names need not be text.
        return pattern.matcher(new String(path.array(), StandardCharsets.ISO_8859_1))
                .matches();
    }
}
