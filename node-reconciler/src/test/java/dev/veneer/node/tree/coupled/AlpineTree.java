package dev.veneer.node.tree.coupled;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.merge.MemoryTree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

/** Makes trees that look like an Alpine system with a few packages. */
public final class AlpineTree {
    private final MemoryTree tree;
    private final Map<String, String> records;
    private final Map<String, List<String>> lists;
    private final Map<String, String> builds;
    private final Map<String, String> triggers;
    private final Map<String, String> scripts;
    private String root = "lib/apk/db";
    private boolean compressed;

    public AlpineTree() {
        this(
                new MemoryTree(),
                new TreeMap<>(),
                new LinkedHashMap<>(),
                new LinkedHashMap<>(),
                new TreeMap<>(),
                new TreeMap<>());
        install("musl", "1.2.5-r0", "p:so:libc.musl.so.1=1\n", Map.of("lib/libc.musl.so.1", "musl 1.2.5"));
    }

    private AlpineTree(
            MemoryTree tree,
            Map<String, String> records,
            Map<String, List<String>> lists,
            Map<String, String> builds,
            Map<String, String> triggers,
            Map<String, String> scripts) {
        this.tree = tree;
        this.records = records;
        this.lists = lists;
        this.builds = builds;
        this.triggers = triggers;
        this.scripts = scripts;
    }

    public AlpineTree copy() {
        AlpineTree copy = new AlpineTree(
                tree.copy(),
                new TreeMap<>(records),
                new LinkedHashMap<>(lists),
                new LinkedHashMap<>(builds),
                new TreeMap<>(triggers),
                new TreeMap<>(scripts));
        copy.root = root;
        copy.compressed = compressed;
        return copy;
    }

    public MemoryTree tree() {
        return tree;
    }

    /** Installs or upgrades; an edited file below etc stays. */
    public AlpineTree install(String name, String version, String fields, Map<String, String> files) {
        return install(name, version, "", fields, files);
    }

    /**
     * The same.
     *
     * @param build tells builds of one version
     */
    public AlpineTree install(String name, String version, String build, String fields, Map<String, String> files) {
        removeFiles(name, files);
        Map<String, StringBuilder> directories = new TreeMap<>();
        for (Map.Entry<String, String> file : new TreeMap<>(files).entrySet()) {
            String path = file.getKey();
            int slash = path.lastIndexOf('/');
            for (int at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
                directories.computeIfAbsent(path.substring(0, at), d -> new StringBuilder());
            }
            directories
                    .computeIfAbsent(slash < 0 ? "" : path.substring(0, slash), d -> new StringBuilder())
                    .append("R:" + path.substring(slash + 1) + "\na:0:0:755\nZ:" + sum(file.getValue()) + "\n");
            if (!path.startsWith("etc/") || tree.find(Bytes.utf8(path)) == null) {
                tree.file(path, file.getValue());
            }
        }
        lists.put(name, new ArrayList<>(files.keySet()));
        builds.put(name, sum(name + version + build));
        StringBuilder record = new StringBuilder("C:" + builds.get(name) + "\nP:" + name + "\nV:" + version
                + "\nA:x86_64\nT:of " + name + "\n" + fields);
        directories.forEach((directory, list) -> record.append("F:" + directory + "\n" + list));
        records.put(name, record + "\n");
        scripts.remove(name);
        triggers.remove(name);
        return write();
    }

    /** With a script that runs when a directory changes. */
    public AlpineTree trigger(String name, String directory) {
        String version = records.get(name).replaceAll("(?s).*\nV:([^\n]*)\n.*", "$1");
        scripts.put(name, name + "-" + version + "." + builds.get(name) + ".trigger");
        triggers.put(name, builds.get(name) + " " + directory);
        return write();
    }

    private void removeFiles(String key, Map<String, String> except) {
        for (String path : lists.getOrDefault(key, List.of())) {
            if (!except.containsKey(path)) {
                tree.delete(path);
            }
        }
    }

    public AlpineTree remove(String name) {
        removeFiles(name, Map.of());
        lists.remove(name);
        records.remove(name);
        scripts.remove(name);
        triggers.remove(name);
        return write();
    }

    public AlpineTree world(String... asked) {
        tree.file("etc/apk/world", asked.length == 0 ? "" : String.join("\n", asked) + "\n");
        return this;
    }

    /** As newer systems have it. */
    public AlpineTree moveDatabase(String to, boolean compress) {
        tree.delete(root);
        root = to;
        compressed = compress;
        return write();
    }

    public String installed() {
        return String.join("", records.values());
    }

    private AlpineTree write() {
        tree.file(root + "/installed", installed());
        tree.file(root + "/triggers", triggers.isEmpty() ? "" : String.join("\n", triggers.values()) + "\n");
        byte[] archive = archive(scripts.values());
        String name = root + (compressed ? "/scripts.tar.gz" : "/scripts.tar");
        tree.file(Bytes.utf8(name), compressed ? gzip(archive) : archive, 0644);
        return this;
    }

    /** Of entries with these names, each of which holds its name; a name that is too long for a header has one before. */
    public static byte[] archive(Iterable<String> names) {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        for (String name : names) {
            if (name.length() > 100) {
                entry(archive, "././@LongLink", 'L', name + "\0");
            }
            entry(archive, name.substring(0, Math.min(100, name.length())), '0', name);
        }
        archive.writeBytes(new byte[1024]);
        return archive.toByteArray();
    }

    private static void entry(ByteArrayOutputStream archive, String name, char type, String content) {
        byte[] header = new byte[512];
        byte[] data = content.getBytes(StandardCharsets.UTF_8);
        put(header, 0, name);
        put(
                header,
                100,
                "0000755\0" + "0000000\0" + "0000000\0" + String.format("%011o\0", data.length) + "00000000000\0");
        put(header, 148, "        ");
        put(header, 156, type + "");
        put(header, 257, "ustar\00000");
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, String.format("%06o\0 ", sum));
        archive.writeBytes(header);
        archive.writeBytes(data);
        archive.writeBytes(new byte[(512 - data.length % 512) % 512]);
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    private static byte[] gzip(byte[] content) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return compressed.toByteArray();
    }

    public static String sum(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
            return "Q1" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
