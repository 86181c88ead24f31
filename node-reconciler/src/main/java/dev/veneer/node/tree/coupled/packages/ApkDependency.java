package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a package or the owner asks for or provides, such as {@code so:libz.so.1}, {@code busybox=1.37.0-r9},
 * {@code nginx@edge~1.27} or {@code !nginx-mainline}.
 *
 * @param excludes whether it must not be there
 * @param name of a package, or of what one provides
 * @param operator of {@code <}, {@code >}, {@code =} and {@code ~}; empty for any version; {@code ><} compares checksums
 * @param version that it is compared with; empty without an operator
 * @param text as it is written
 */
record ApkDependency(boolean excludes, String name, String operator, String version, String text) {
    private static final Pattern FORM =
            Pattern.compile("(!?)([^!@<>=~][^@<>=~]*)(?:@[^@<>=~]+)?(?:([<>=~]{1,3})([A-Za-z0-9.:_+/=~-]+))?");

    /**
     * All of a field.
     *
     * @param file that has it, for messages
     * @throws MalformedState when a word is none
     */
    static List<ApkDependency> parse(Bytes file, Bytes field) throws MalformedState {
        List<ApkDependency> all = new ArrayList<>();
        for (Bytes word : Octets.words(field)) {
            String text = Octets.ascii(word);
            Matcher matcher = FORM.matcher(text);
            if (!matcher.matches()) {
                throw new MalformedState(file, "asks for something that cannot be read: " + word);
            }
            all.add(new ApkDependency(
                    !matcher.group(1).isEmpty(),
                    matcher.group(2),
                    orEmpty(matcher.group(3)),
                    orEmpty(matcher.group(4)),
                    text));
        }
        return all;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    /**
     * Whether something of this name is what is meant.
     *
     * @param found its version; empty when it has none
     * @param build the checksum of the package, as the database spells it
     */
    boolean means(String found, Bytes build) {
        boolean lower = operator.indexOf('<') >= 0;
        boolean higher = operator.indexOf('>') >= 0;
        boolean equal = operator.indexOf('=') >= 0;
        boolean prefix = operator.indexOf('~') >= 0;
        if (operator.isEmpty()) {
            return true;
        }
        if (lower && higher) {
            return version.equals(Octets.ascii(build));
        }
        if (found.isEmpty()) {
            return false;
        }
        if (prefix && ApkVersion.begins(found, version)) {
            return true;
        }
        int order = ApkVersion.compare(found, version);
        return (lower && order < 0) || (higher && order > 0) || (equal && order == 0);
    }
}
