package dev.veneer.node.tree.coupled;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.merge.MemoryTree;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Makes trees that look like a Debian system with a few packages. */
public final class DebianTree {
    private static final String LINK = "-> ";

    private final MemoryTree tree;
    private final Map<String, String> stanzas;
    private final Map<String, List<String>> lists;

    public DebianTree() {
        this(new MemoryTree(), new TreeMap<>(), new LinkedHashMap<>());
        tree.file("var/lib/dpkg/info/format", "1\n");
        install("dpkg", "1.21", "", Map.of("usr/bin/dpkg", "dpkg 1.21"));
    }

    private DebianTree(MemoryTree tree, Map<String, String> stanzas, Map<String, List<String>> lists) {
        this.tree = tree;
        this.stanzas = stanzas;
        this.lists = lists;
    }

    public DebianTree copy() {
        return new DebianTree(tree.copy(), new TreeMap<>(stanzas), new LinkedHashMap<>(lists));
    }

    public MemoryTree tree() {
        return tree;
    }

    /** Installs or upgrades; files below etc are configuration, and an edited one stays. What begins with an arrow is a link. */
    public DebianTree install(String name, String version, String fields, Map<String, String> files) {
        return install(name, "amd64", version, fields, files);
    }

    public DebianTree install(
            String name, String architecture, String version, String fields, Map<String, String> files) {
        boolean same = fields.contains("Multi-Arch: same");
        String info = "var/lib/dpkg/info/" + name + (same ? ":" + architecture : "");
        removeFiles(name + ":" + architecture, files);
        TreeSet<String> list = new TreeSet<>(List.of("/."));
        StringBuilder sums = new StringBuilder();
        StringBuilder conffiles = new StringBuilder();
        for (Map.Entry<String, String> file : new TreeMap<>(files).entrySet()) {
            String path = file.getKey();
            for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
                list.add("/" + path.substring(0, slash));
            }
            list.add("/" + path);
            if (path.startsWith("etc/")) {
                conffiles
                        .append(" /")
                        .append(path)
                        .append(' ')
                        .append(md5(file.getValue()))
                        .append('\n');
                if (tree.find(Bytes.utf8(path)) == null) {
                    tree.file(path, file.getValue());
                }
            } else if (file.getValue().startsWith(LINK)) {
                tree.link(path, file.getValue().substring(LINK.length()));
            } else {
                sums.append(md5(file.getValue())).append("  ").append(path).append('\n');
                tree.file(path, file.getValue());
            }
        }
        lists.put(name + ":" + architecture, new ArrayList<>(files.keySet()));
        tree.file(info + ".list", String.join("\n", list) + "\n");
        tree.file(info + ".md5sums", sums.toString());
        stanzas.put(
                name + ":" + architecture,
                "Package: " + name + "\nStatus: install ok installed\nArchitecture: " + architecture + "\nVersion: "
                        + version + "\n" + fields + (conffiles.isEmpty() ? "" : "Conffiles:\n" + conffiles)
                        + "Description: of " + name + "\n more\n .\n and more\n");
        return write();
    }

    private void removeFiles(String key, Map<String, String> except) {
        for (String path : lists.getOrDefault(key, List.of())) {
            if (!except.containsKey(path)) {
                tree.delete(path);
                removeEmpty(path);
            }
        }
    }

    /** As dpkg does with directories that nothing is in any more. */
    private void removeEmpty(String path) {
        int slash = path.lastIndexOf('/');
        String directory = slash < 0 ? "" : path.substring(0, slash);
        if (!directory.isEmpty() && tree.names(Bytes.utf8(directory)).isEmpty()) {
            tree.delete(directory);
            removeEmpty(directory);
        }
    }

    /** Each package's version. */
    public Map<String, String> versions() {
        Map<String, String> versions = new TreeMap<>();
        stanzas.forEach((key, stanza) -> versions.put(
                key.substring(0, key.indexOf(':')), stanza.replaceAll("(?s).*\nVersion: ([^\n]*)\n.*", "$1")));
        return versions;
    }

    public DebianTree purge(String name) {
        String key = name + ":amd64";
        removeFiles(key, Map.of());
        lists.remove(key);
        stanzas.remove(key);
        tree.delete("var/lib/dpkg/info/" + name + ".list");
        tree.delete("var/lib/dpkg/info/" + name + ".md5sums");
        return write();
    }

    public DebianTree hold(String name) {
        stanzas.computeIfPresent(name + ":amd64", (key, stanza) -> stanza.replace("Status: install", "Status: hold"));
        return write();
    }

    private DebianTree write() {
        tree.file("var/lib/dpkg/status", String.join("\n", stanzas.values()) + "\n");
        return this;
    }

    static String md5(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
            return String.format("%032x", new BigInteger(1, digest));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
