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
 * A package that another one names.
 *
 * @param name of a package, or of what one provides
 * @param qualifier an architecture, {@code any}, or empty
 * @param operator such as {@code >=}; empty for any version
 * @param version that it is compared with; empty without an operator
 */
record Relation(String name, String qualifier, String operator, String version) {
    /** Nothing in it can be read in two ways, and nothing is tried twice: its text is of any length. */
    private static final Pattern FORM = Pattern.compile("([A-Za-z0-9][A-Za-z0-9+._-]*+)(?::([a-z0-9-]++))?+"
            + "\\s*+(?:\\(\\s*+((?><<|<=|>=|>>|=|<|>))\\s*+([^\\s)]++)\\s*+\\))?+\\s*+(?:\\[[^]]*+])?+");

    /** Longer than any real field. */
    private static final int LONGEST_FIELD = 1 << 20;

    /** Comma means and, the inner lists are the alternatives. */
    static List<List<Relation>> parse(Bytes path, Bytes field) throws MalformedState {
        if (field.length() > LONGEST_FIELD) {
            throw new MalformedState(path, "has a field of relations of more than " + LONGEST_FIELD + " bytes");
        }
        List<List<Relation>> groups = new ArrayList<>();
        for (String group : Octets.ascii(field).split(",", -1)) {
            if (group.isBlank()) {
                continue;
            }
            List<Relation> alternatives = new ArrayList<>();
            for (String one : group.split("\\|", -1)) {
                Matcher matcher = FORM.matcher(one.strip());
                if (!matcher.matches()) {
                    throw new MalformedState(path, "has a relation that cannot be read: " + Octets.of(one.strip()));
                }
                alternatives.add(new Relation(
                        matcher.group(1),
                        orEmpty(matcher.group(2)),
                        orEmpty(matcher.group(3)),
                        orEmpty(matcher.group(4))));
            }
            groups.add(alternatives);
        }
        return groups;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    boolean isVersioned() {
        return !operator.isEmpty();
    }

    /** Whether a version is one that is meant. */
    boolean holds(String found) {
        int order = isVersioned() ? DebianVersion.compare(found, version) : 0;
        return switch (operator) {
            case "<<" -> order < 0;
            case "<=", "<" -> order <= 0;
            case "=" -> order == 0;
            case ">=", ">" -> order >= 0;
            case ">>" -> order > 0;
            default -> true;
        };
    }

    @Override
    public String toString() {
        return name
                + (qualifier.isEmpty() ? "" : ":" + qualifier)
                + (isVersioned() ? " (" + operator + " " + version + ")" : "");
    }
}
