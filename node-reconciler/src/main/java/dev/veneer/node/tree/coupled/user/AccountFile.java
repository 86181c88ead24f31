package dev.veneer.node.tree.coupled.user;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.ReadingBudget;
import dev.veneer.node.tree.coupled.record.StateFile;
import dev.veneer.node.tree.merge.MergeTree;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The files of a line for each user or group, its fields separated by colons. */
enum AccountFile {
    PASSWD("etc/passwd", "user", 7, 2, ""),
    SHADOW("etc/shadow", "password of user", 9, -1, ""),
    GROUP("etc/group", "group", 4, 2, "3"),
    GSHADOW("etc/gshadow", "password of group", 4, -1, "23");

    /** In shadow: the password, and the day it was set. */
    static final int PASSWORD = 1;

    static final int PASSWORD_DAY = 2;

    private final String path;
    private final String noun;
    private final int fields;
    private final int number;
    /** The digits of the fields that are lists of names. */
    private final String sets;

    AccountFile(String path, String noun, int fields, int number, String sets) {
        this.path = path;
        this.noun = noun;
        this.fields = fields;
        this.number = number;
        this.sets = sets;
    }

    Bytes path() {
        return Bytes.utf8(path);
    }

    /** For people: what a line is of. */
    String noun() {
        return noun;
    }

    /** Which field is the uid or gid; -1 where there is none. */
    int number() {
        return number;
    }

    /** Whether a field is a list of names whose order means nothing. */
    boolean isSet(int field) {
        return sets.indexOf('0' + field) >= 0;
    }

    /** Of passwd its shadow, of group its gshadow. */
    AccountFile shadow() {
        return this == PASSWD ? SHADOW : GSHADOW;
    }

    /** The lines by name, or null when the tree does not have the file. Comments are lines of one field. */
    @Nullable
    Map<Bytes, List<Bytes>> read(MergeTree tree) throws LinuxException, NodeException, MalformedState {
        List<Bytes> lines = StateFile.lines(tree, path());
        if (lines == null) {
            return null;
        }
        ReadingBudget budget = ReadingBudget.of(tree);
        Map<Bytes, List<Bytes>> records = new LinkedHashMap<>();
        for (Bytes line : lines) {
            if (Octets.strip(line).isEmpty()) {
                continue;
            }
            List<Bytes> record = line.startsWith("#") ? List.of(line) : parse(line);
            // Its fields and their list take as much again as the line.
            budget.keep(path(), line.length(), 1);
            if (records.put(record.get(0), record) != null) {
                throw new MalformedState(path(), "names " + record.get(0) + " twice");
            }
        }
        return records;
    }

    private List<Bytes> parse(Bytes line) throws MalformedState {
        List<Bytes> record = Octets.split(line, ':');
        // Lines that begin so include or exclude the users of a network directory, and may leave fields out.
        boolean directory = line.startsWith("+") || line.startsWith("-");
        if (!directory && (record.size() != fields || record.get(0).isEmpty())) {
            throw new MalformedState(path(), "has a line that is not of " + fields + " fields");
        }
        if (!directory && number >= 0 && !Octets.ascii(record.get(number)).matches("[0-9]{1,10}")) {
            throw new MalformedState(path(), "gives " + record.get(0) + " no number");
        }
        return record;
    }

    static Bytes text(Collection<List<Bytes>> records) {
        List<Bytes> lines = new ArrayList<>();
        records.forEach(record -> lines.add(Octets.join(record, ":")));
        return Octets.ofLines(lines);
    }
}
