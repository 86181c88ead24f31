package dev.veneer.node.tree.rebase;

import static java.util.Objects.requireNonNull;

import dev.veneer.node.driver.conformance.TreeText;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The verdict table over trees in memory, written as plainly as possible: what the engine's result is compared with.
 * Times and groups of hard links are left out.
 */
final class PlainMerge {
    /** A file or, with children, a directory. */
    static final class Node {
        final String content;
        final String metadata;
        final @Nullable Map<String, Node> children;

        Node(String content, String metadata, @Nullable Map<String, Node> children) {
            this.content = content;
            this.metadata = metadata;
            this.children = children;
        }

        boolean isDirectory() {
            return children != null;
        }

        @Nullable
        Node child(String name) {
            return children == null ? null : children.get(name);
        }

        boolean same(@Nullable Node other) {
            if (other == null
                    || isDirectory() != other.isDirectory()
                    || !content.equals(other.content)
                    || !metadata.equals(other.metadata)) {
                return false;
            }
            if (children == null) {
                return true;
            }
            return other.children != null
                    && children.keySet().equals(other.children.keySet())
                    && children.entrySet().stream().allMatch(e -> e.getValue().same(other.children.get(e.getKey())));
        }
    }

    private final boolean takesBase;
    private final Set<String> opaque;
    private final Set<String> conflicts = new TreeSet<>();

    /**
     * @param takesBase how conflicts are settled: by the base's version, else by the sliver's
     * @param opaque paths of directories that the sliver's owner replaced
     */
    PlainMerge(boolean takesBase, Set<String> opaque) {
        this.takesBase = takesBase;
        this.opaque = opaque;
    }

    /** Where the two sides contradict each other. */
    Set<String> conflicts() {
        return conflicts;
    }

    /** A tree by its lines. */
    static Node tree(Map<String, TreeText.Line> lines) {
        Node root = null;
        for (Map.Entry<String, TreeText.Line> line : lines.entrySet()) {
            String path = line.getKey();
            Node node = node(line.getValue());
            if (path.isEmpty()) {
                root = node;
                continue;
            }
            Node at = requireNonNull(root);
            String[] names = path.split("/", -1);
            for (int i = 0; i < names.length - 1; i++) {
                at = requireNonNull(at.child(names[i]));
            }
            requireNonNull(at.children).put(names[names.length - 1], node);
        }
        return requireNonNull(root);
    }

    /** Mode with type, owner, then what a file holds, then attributes and flags: see {@link TreeText}. */
    private static Node node(TreeText.Line line) {
        String text = line.withoutTime();
        String[] words = text.split(" ", 3);
        String type = words[0].substring(0, words[0].length() - 4);
        String rest = words.length > 2 ? words[2] : "";
        String held = "";
        if (!line.directory()) {
            int attributes = rest.startsWith("-> ") ? -1 : rest.indexOf(" {");
            int flags = rest.startsWith("-> ") ? -1 : rest.indexOf(" flags=");
            int end = attributes >= 0 ? attributes : flags >= 0 ? flags : rest.length();
            held = rest.substring(0, end);
            rest = rest.substring(end);
        }
        String metadata = words[0].substring(words[0].length() - 4) + " " + words[1] + " " + rest.trim();
        return new Node(type + " " + held, metadata, line.directory() ? new TreeMap<>() : null);
    }

    /** What becomes of a path: old base, new base, sliver. */
    @Nullable
    Node merge(@Nullable Node o, @Nullable Node n, @Nullable Node m, String path) {
        if (m == null) {
            if (o == null || n == null) {
                return o == null ? n : null;
            }
            return deleted(o, n, path);
        }
        if (o == null) {
            return bothAdded(n, m, path);
        }
        if (m.isDirectory() && o.isDirectory()) {
            return directory(o, n, m, path);
        }
        if (m.isDirectory()) {
            // it was a file
            if (n != null && n.isDirectory()) {
                return bothAdded(n, m, path);
            }
            return (n != null && o.same(n)) || !conflict(path) ? m : n;
        }
        if (m.same(o)) {
            return n;
        }
        if (o.same(n)) {
            return m;
        }
        if (n == null || o.isDirectory() || n.isDirectory()) {
            return m.same(n) || conflict(path) ? n : m;
        }
        return m.same(n) ? n : file(o, n, m, path);
    }

    /** What the sliver's owner deleted stays so but for what the new base changed, each path for itself. */
    private @Nullable Node deleted(Node o, Node n, String path) {
        if (o.children == null || n.children == null) {
            return o.same(n) || !conflict(path) ? null : n;
        }
        TreeMap<String, Node> back = new TreeMap<>();
        for (Map.Entry<String, Node> child : n.children.entrySet()) {
            Node before = o.child(child.getKey());
            String below = path.isEmpty() ? child.getKey() : path + "/" + child.getKey();
            Node result = before != null
                    ? deleted(before, child.getValue(), below)
                    : conflict(below) ? child.getValue() : null;
            if (result != null) {
                back.put(child.getKey(), result);
            }
        }
        boolean described = !o.metadata.equals(n.metadata) && conflict(path);
        return back.isEmpty() && !described ? null : new Node(n.content, n.metadata, back);
    }

    private @Nullable Node bothAdded(@Nullable Node n, Node m, String path) {
        if (n == null) {
            return m;
        }
        if (m.isDirectory() && n.isDirectory()) {
            boolean sliver = !m.metadata.equals(n.metadata) && !conflict(path);
            return children(null, n, m, path, sliver ? m.metadata : n.metadata);
        }
        return m.same(n) || conflict(path) ? n : m;
    }

    private Node file(Node o, Node n, Node m, String path) {
        if (!m.content.split(" ", 2)[0].equals(n.content.split(" ", 2)[0])) {
            return conflict(path) ? n : m;
        }
        boolean contentClash =
                !m.content.equals(o.content) && !n.content.equals(o.content) && !m.content.equals(n.content);
        boolean metadataClash =
                !m.metadata.equals(o.metadata) && !n.metadata.equals(o.metadata) && !m.metadata.equals(n.metadata);
        if (contentClash || metadataClash) {
            return conflict(path) ? n : m;
        }
        return new Node(
                m.content.equals(o.content) ? n.content : m.content,
                m.metadata.equals(o.metadata) ? n.metadata : m.metadata,
                null);
    }

    private @Nullable Node directory(Node o, @Nullable Node n, Node m, String path) {
        boolean changed = !m.metadata.equals(o.metadata);
        if (n != null && n.isDirectory()) {
            String metadata = n.metadata;
            if (changed && !m.metadata.equals(n.metadata)) {
                metadata = o.metadata.equals(n.metadata) || !conflict(path) ? m.metadata : n.metadata;
            }
            return children(o, n, m, path, metadata);
        }
        if (changed && conflict(path)) {
            return n;
        }
        Node kept = children(o, null, m, path, m.metadata);
        if (changed) {
            return kept;
        }
        boolean empty = requireNonNull(kept.children).isEmpty();
        if (n == null) {
            return empty ? null : kept;
        }
        return empty || conflict(path) ? n : kept;
    }

    private Node children(@Nullable Node o, @Nullable Node n, Node m, String path, String metadata) {
        TreeMap<String, Node> merged = new TreeMap<>();
        Set<String> names = new TreeSet<>(requireNonNull(m.children).keySet());
        if (n != null && n.children != null) {
            names.addAll(n.children.keySet());
        }
        if (o != null && o.children != null) {
            names.addAll(o.children.keySet());
        }
        for (String name : names) {
            Node before = o == null ? null : o.child(name);
            Node after = n == null ? null : n.child(name);
            Node own = m.child(name);
            String below = path.isEmpty() ? name : path + "/" + name;
            boolean hidden = before == null && own == null && after != null && opaque.contains(path);
            Node result = hidden ? (conflict(below) ? after : null) : merge(before, after, own, below);
            if (result != null) {
                merged.put(name, result);
            }
        }
        return new Node(m.content, metadata, merged);
    }

    /** Notes a conflict; whether the base's version is taken. */
    private boolean conflict(String path) {
        conflicts.add(path);
        return takesBase;
    }

    /** A tree as lines, for comparing and showing. */
    static Map<String, String> lines(Node root) {
        Map<String, String> lines = new TreeMap<>();
        add(root, "", lines);
        return lines;
    }

    private static void add(Node node, String path, Map<String, String> lines) {
        lines.put(path, node.content + " | " + node.metadata);
        if (node.children != null) {
            node.children.forEach((name, child) -> add(child, path.isEmpty() ? name : path + "/" + name, lines));
        }
    }
}
