package dev.veneer.node.tree.merge;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.TreePath;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A tree in memory. Directories above a path are made with it. */
public final class MemoryTree implements MergeTree {
    private final TreeMap<Bytes, Identity> entries = new TreeMap<>((a, b) -> TreePath.compare(a.array(), b.array()));
    private final TreeMap<Bytes, Bytes> contents = new TreeMap<>();

    public MemoryTree() {
        entries.put(Bytes.EMPTY, identity(FileType.DIRECTORY, 0755, Bytes.EMPTY, Bytes.EMPTY));
    }

    /** An independent copy. */
    public MemoryTree copy() {
        MemoryTree copy = new MemoryTree();
        copy.entries.putAll(entries);
        copy.contents.putAll(contents);
        return copy;
    }

    public MemoryTree file(String path, String content) {
        return file(Bytes.utf8(path), content.getBytes(StandardCharsets.UTF_8), 0644);
    }

    public MemoryTree file(Bytes path, byte[] content, int permissions) {
        Bytes bytes = Bytes.wrap(content);
        put(path, identity(FileType.REGULAR, permissions, bytes, Bytes.EMPTY));
        contents.put(path, bytes);
        return this;
    }

    public MemoryTree directory(String path) {
        return put(Bytes.utf8(path), identity(FileType.DIRECTORY, 0755, Bytes.EMPTY, Bytes.EMPTY));
    }

    public MemoryTree link(String path, String target) {
        return put(Bytes.utf8(path), identity(FileType.SYMLINK, 0777, Bytes.EMPTY, Bytes.utf8(target)));
    }

    /** Any entry; a directory that is there stays. */
    public MemoryTree put(Bytes path, Identity identity) {
        Bytes parent = Bytes.wrap(TreePath.parent(path.array()));
        if (!entries.containsKey(parent)) {
            directory(new String(parent.array(), StandardCharsets.UTF_8));
        }
        entries.put(path, identity);
        contents.remove(path);
        return this;
    }

    /** Without a path and all below it. */
    public MemoryTree delete(String path) {
        return delete(Bytes.utf8(path));
    }

    public MemoryTree delete(Bytes path) {
        for (Bytes name : names(path)) {
            delete(Bytes.wrap(TreePath.join(path.array(), name.array())));
        }
        entries.remove(path);
        contents.remove(path);
        return this;
    }

    /** A file's content as text. */
    public String text(String path) {
        Bytes content = contents.get(Bytes.utf8(path));
        if (content == null) {
            throw new AssertionError("no file " + path);
        }
        return new String(content.array(), StandardCharsets.UTF_8);
    }

    public Set<Bytes> paths() {
        return entries.keySet();
    }

    @Override
    public @Nullable Identity find(Bytes path) {
        return entries.get(path);
    }

    @Override
    public Bytes content(Bytes path, int limit) throws NodeException {
        Bytes content = contents.get(path);
        if (content == null || content.length() > limit) {
            throw new NodeException(Reason.ContentRefused, Follow.STALLED, "no file of this size: " + path);
        }
        return content;
    }

    @Override
    public List<Bytes> names(Bytes directory) {
        List<Bytes> names = new ArrayList<>();
        Identity identity = entries.get(directory);
        if (identity == null || identity.type() != FileType.DIRECTORY) {
            return names;
        }
        for (Bytes path : entries.tailMap(directory, false).keySet()) {
            Bytes prefix = Bytes.wrap(TreePath.join(directory.array(), new byte[0]));
            if (!directory.isEmpty() && !startsWith(path, prefix)) {
                break;
            }
            if (Bytes.wrap(TreePath.parent(path.array())).equals(directory)) {
                names.add(Bytes.wrap(TreePath.name(path.array())));
            }
        }
        return names;
    }

    private static boolean startsWith(Bytes path, Bytes prefix) {
        return path.length() >= prefix.length()
                && Bytes.copy(path.array(), 0, prefix.length()).equals(prefix);
    }

    private static Identity identity(FileType type, int permissions, Bytes content, Bytes target) {
        Bytes digest = type == FileType.REGULAR ? digest(content) : Bytes.EMPTY;
        return new Identity(type, permissions, 0, 0, 0, 0, 0, List.of(), content.length(), digest, target, 0, 0);
    }

    private static Bytes digest(Bytes content) {
        try {
            return Bytes.wrap(MessageDigest.getInstance("SHA-256").digest(content.array()));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
