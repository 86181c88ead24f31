package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.PathPattern;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.StateFile;
import dev.veneer.node.tree.merge.MergeTree;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Which files apk does not overwrite once their owner edited them: those below {@code etc}, but not the scripts in
 * {@code etc/init.d}, and what the lists in {@code etc/apk/protected_paths.d} say. The last rule that means a path counts.
 */
final class ApkProtected {
    private static final Bytes DIRECTORY = Bytes.utf8("etc/apk/protected_paths.d");
    private static final List<String> ALWAYS = List.of("+etc", "@etc/init.d", "!etc/apk");
    private static final String LIST = ".list";

    private final List<Rule> rules = new ArrayList<>();

    /**
     * A line of a list.
     *
     * @param files whether regular files are protected by it, and not only links or nothing
     */
    private record Rule(PathPattern pattern, boolean files) {}

    private ApkProtected() {}

    static ApkProtected read(MergeTree tree) throws LinuxException, NodeException, MalformedState {
        ApkProtected read = new ApkProtected();
        for (String rule : ALWAYS) {
            read.add(DIRECTORY, rule);
        }
        for (Bytes name : tree.names(DIRECTORY)) {
            String text = Octets.ascii(name);
            Bytes path = Octets.below(DIRECTORY, name);
            Bytes content = text.endsWith(LIST) && !text.startsWith(".") ? StateFile.read(tree, path) : null;
            if (content != null) {
                for (Bytes line : Octets.split(content, '\n')) {
                    read.add(path, new String(Octets.strip(line).array(), StandardCharsets.UTF_8));
                }
            }
        }
        return read;
    }

    private void add(Bytes file, String line) throws MalformedState {
        if (line.isEmpty() || line.startsWith("#")) {
            return;
        }
        char first = line.charAt(0);
        boolean marked = "+-@!".indexOf(first) >= 0;
        String path = (marked ? line.substring(1) : line).replaceAll("^/+", "");
        if (path.isEmpty()) {
            return;
        }
        try {
            rules.add(new Rule(PathPattern.parse("/" + path), !marked || first == '+' || first == '!'));
        } catch (IllegalArgumentException e) {
            throw new MalformedState(file, "has a line that is no pattern: " + e.getMessage());
        }
    }

    /** Whether a regular file at the path is its owner's to edit. */
    boolean contains(Bytes path) {
        for (int i = rules.size() - 1; i >= 0; i--) {
            if (rules.get(i).pattern().matches(path.array())) {
                return rules.get(i).files();
            }
        }
        return false;
    }
}
