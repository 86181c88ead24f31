package dev.veneer.node.tree.coupled.record;

import dev.veneer.node.tree.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A paragraph of fields as Debian's control files have them. Its bytes are kept: what is not changed is written as it
 * was read.
 *
 * @param fields in their order
 */
public record Stanza(List<Field> fields) {
    public Stanza {
        fields = List.copyOf(fields);
    }

    /**
     * A field.
     *
     * @param name as it is spelled; compared without case
     * @param value all after the colon, with the line ends and leading blanks of continued lines, without the last line
     *     end
     */
    public record Field(Bytes name, Bytes value) {
        private boolean is(String wanted) {
            return name.length() == wanted.length() && Octets.ascii(name).equalsIgnoreCase(wanted);
        }
    }

    /** A field's value without blanks at its ends, or null. */
    public @Nullable Bytes get(String name) {
        for (Field field : fields) {
            if (field.is(name)) {
                return Octets.strip(field.value());
            }
        }
        return null;
    }

    /** The same; empty where it is missing. */
    public Bytes value(String name) {
        Bytes value = get(name);
        return value == null ? Bytes.EMPTY : value;
    }

    /** With another value of a field, in its place; at the end where it was missing. */
    public Stanza with(String name, Bytes value) {
        List<Field> changed = new ArrayList<>();
        boolean found = false;
        for (Field field : fields) {
            boolean same = field.is(name);
            changed.add(same ? new Field(field.name(), Octets.concat(Octets.of(" "), value)) : field);
            found |= same;
        }
        if (!found) {
            changed.add(new Field(Octets.of(name), Octets.concat(Octets.of(" "), value)));
        }
        return new Stanza(changed);
    }

    /** Without a field. */
    public Stanza without(String name) {
        return new Stanza(fields.stream().filter(field -> !field.is(name)).toList());
    }

    /** Its lines, each with its end; no empty one after them. */
    public Bytes text() {
        List<Bytes> lines = new ArrayList<>();
        for (Field field : fields) {
            lines.add(Octets.concat(field.name(), Octets.of(":"), field.value()));
        }
        return Octets.ofLines(lines);
    }
}
