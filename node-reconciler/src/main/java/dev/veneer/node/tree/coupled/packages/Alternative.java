package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.StateFile;
import dev.veneer.node.tree.merge.MergeTree;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A group of programs of which one is used under a common name, as {@code update-alternatives} keeps it.
 *
 * @param mode {@code auto} or {@code manual}
 * @param link the common name, absolute
 * @param slaves links that go with it, by their names
 * @param choices by the program's absolute path
 */
record Alternative(Bytes mode, Bytes link, Map<Bytes, Bytes> slaves, Map<Bytes, Choice> choices) {
    static final Bytes MANUAL = Bytes.utf8("manual");
    private static final Bytes AUTO = Bytes.utf8("auto");

    Alternative {
        slaves = new LinkedHashMap<>(slaves);
        choices = new LinkedHashMap<>(choices);
    }

    /**
     * One program.
     *
     * @param slaves what the links that go with it lead to, by their names; without those that it does not have
     */
    record Choice(int priority, Map<Bytes, Bytes> slaves) {}

    /** Null when the tree does not have it. */
    static @Nullable Alternative read(MergeTree tree, Bytes path) throws LinuxException, NodeException, MalformedState {
        List<Bytes> lines = StateFile.lines(tree, path);
        if (lines == null) {
            return null;
        }
        Iterator<Bytes> rest = lines.iterator();
        Bytes mode = next(rest, path);
        Bytes link = next(rest, path);
        boolean known = (mode.equals(AUTO) || mode.equals(MANUAL))
                && !OwnedPath.of(path, link).isEmpty();
        if (!known) {
            throw new MalformedState(path, "is no group of alternatives");
        }
        Map<Bytes, Bytes> slaves = new LinkedHashMap<>();
        for (Bytes name = next(rest, path); !name.isEmpty(); name = next(rest, path)) {
            Bytes slave = next(rest, path);
            boolean plain =
                    !OwnedPath.of(path, slave).isEmpty() && OwnedPath.isPlain(name) && Octets.indexOf(name, '/') < 0;
            if (!plain || slaves.put(name, slave) != null) {
                throw new MalformedState(path, "has a link that cannot be: " + name);
            }
        }
        Map<Bytes, Choice> choices = new LinkedHashMap<>();
        for (Bytes program = next(rest, path); !program.isEmpty(); program = next(rest, path)) {
            OwnedPath.of(path, program);
            int priority = priority(path, next(rest, path));
            Map<Bytes, Bytes> own = new LinkedHashMap<>();
            for (Bytes name : slaves.keySet()) {
                Bytes target = next(rest, path);
                if (!target.isEmpty()) {
                    own.put(name, target);
                }
            }
            if (choices.put(program, new Choice(priority, own)) != null) {
                throw new MalformedState(path, "has a program twice: " + program);
            }
        }
        return new Alternative(mode, link, slaves, choices);
    }

    private static Bytes next(Iterator<Bytes> rest, Bytes path) throws MalformedState {
        if (!rest.hasNext()) {
            throw new MalformedState(path, "is cut short");
        }
        return rest.next();
    }

    private static int priority(Bytes path, Bytes text) throws MalformedState {
        String digits = Octets.ascii(text);
        if (!digits.matches("-?[0-9]{1,9}")) {
            throw new MalformedState(path, "has a priority that is no number: " + text);
        }
        return Integer.parseInt(digits);
    }

    Bytes text() {
        List<Bytes> lines = new ArrayList<>(List.of(mode, link));
        slaves.forEach((name, slave) -> lines.addAll(List.of(name, slave)));
        lines.add(Bytes.EMPTY);
        for (Map.Entry<Bytes, Choice> entry : choices.entrySet()) {
            lines.add(entry.getKey());
            lines.add(Octets.of(Integer.toString(entry.getValue().priority())));
            for (Bytes name : slaves.keySet()) {
                lines.add(entry.getValue().slaves().getOrDefault(name, Bytes.EMPTY));
            }
        }
        lines.add(Bytes.EMPTY);
        return Octets.ofLines(lines);
    }

    /** The program of the highest priority; the first of them. Null when there is none. */
    @Nullable
    Bytes best() {
        Bytes best = null;
        int highest = Integer.MIN_VALUE;
        for (Map.Entry<Bytes, Choice> entry : choices.entrySet()) {
            if (best == null || entry.getValue().priority() > highest) {
                best = entry.getKey();
                highest = entry.getValue().priority();
            }
        }
        return best;
    }
}
