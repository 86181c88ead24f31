package dev.veneer.node.tree.coupled.record;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.merge.MergeTree;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A file of stanzas with an empty line between them. */
public final class StanzaFile {
    /** Of one stanza; a template of debconf with all its translations has some 300. */
    private static final int MOST_FIELDS = 4096;

    private StanzaFile() {}

    /** What tells a stanza from the others of its file. */
    @FunctionalInterface
    public interface Key<K> {
        /**
         * The key of a stanza.
         *
         * @throws MalformedState when it has none
         */
        K of(Bytes path, Stanza stanza) throws MalformedState;
    }

    /** Key by one field. */
    public static Key<Bytes> by(String field) {
        return (path, stanza) -> {
            Bytes key = stanza.get(field);
            if (key == null || key.isEmpty()) {
                throw new MalformedState(path, "has a stanza without " + field);
            }
            return key;
        };
    }

    /** All stanzas of a file in their order; none when there is no such file. */
    public static <K> Map<K, Stanza> read(MergeTree tree, Bytes path, Key<K> key)
            throws LinuxException, NodeException, MalformedState {
        Map<K, Stanza> stanzas = new LinkedHashMap<>();
        List<Bytes> lines = StateFile.lines(tree, path);
        if (lines == null) {
            return stanzas;
        }
        for (Stanza stanza : parse(path, lines)) {
            K name = key.of(path, stanza);
            if (stanzas.put(name, stanza) != null) {
                throw new MalformedState(path, "has two stanzas of " + name);
            }
        }
        return stanzas;
    }

    /** Lines as stanzas. */
    public static List<Stanza> parse(Bytes path, List<Bytes> lines) throws MalformedState {
        List<Stanza> stanzas = new ArrayList<>();
        List<List<Bytes>> fields = new ArrayList<>();
        for (Bytes line : lines) {
            if (Octets.strip(line).isEmpty()) {
                add(path, stanzas, fields);
                fields = new ArrayList<>();
            } else if (line.startsWith(" ") || line.startsWith("\t")) {
                if (fields.isEmpty()) {
                    throw new MalformedState(path, "continues a field that never began");
                }
                fields.get(fields.size() - 1).add(line);
            } else if (fields.size() == MOST_FIELDS) {
                throw new MalformedState(path, "has a stanza of more than " + MOST_FIELDS + " fields");
            } else {
                fields.add(new ArrayList<>(List.of(line)));
            }
        }
        add(path, stanzas, fields);
        return stanzas;
    }

    private static void add(Bytes path, List<Stanza> stanzas, List<List<Bytes>> fields) throws MalformedState {
        if (fields.isEmpty()) {
            return;
        }
        List<Stanza.Field> parsed = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (List<Bytes> lines : fields) {
            Bytes whole = lines.size() == 1 ? lines.get(0) : Octets.join(lines, "\n");
            int colon = Octets.indexOf(whole, ':');
            if (colon <= 0 || colon > lines.get(0).length()) {
                throw new MalformedState(path, "has a line that is no field: " + lines.get(0));
            }
            Bytes name = Octets.head(whole, colon);
            if (!names.add(Octets.ascii(name).toLowerCase(Locale.ROOT))) {
                throw new MalformedState(path, "has the field " + name + " twice in a stanza");
            }
            parsed.add(new Stanza.Field(name, Octets.tail(whole, colon + 1)));
        }
        stanzas.add(new Stanza(parsed));
    }

    /** As a file: each followed by an empty line. */
    public static Bytes text(Collection<Stanza> stanzas) {
        List<Bytes> parts = new ArrayList<>();
        for (Stanza stanza : stanzas) {
            parts.add(stanza.text());
            parts.add(Octets.of("\n"));
        }
        return Octets.join(parts, "");
    }
}
