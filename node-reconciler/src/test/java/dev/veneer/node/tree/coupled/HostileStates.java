package dev.veneer.node.tree.coupled;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.coupled.record.LimitedTree;
import dev.veneer.node.tree.merge.Conflict;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.rewrite.OpenTree;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that has all mergers read what a sliver's owner wrote to fill the memory of whoever reads it, one state after
 * the other, in a directory that it is given: in how much memory it gets by is for its caller to see.
 */
final class HostileStates {
    private static final String STATUS = "var/lib/dpkg/status";
    private static final String INFO = "var/lib/dpkg/info/";
    private static final String DPKG =
            "Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nVersion: %s\n\n";

    private final LinuxCalls calls = new JnrLinuxCalls();
    private final Path directory;
    private int cases;

    private HostileStates(Path directory) {
        this.directory = directory;
    }

    public static void main(String[] arguments) throws Exception {
        HostileStates states = new HostileStates(Path.of(arguments[0]));
        int files = Integer.parseInt(arguments[1]);
        String user = "u#:x:#:#::/:/bin/sh\n";
        states.run("passwd of blank records", tree -> states.fill(tree, "etc/passwd", "a\n", 64 << 20));
        states.run("passwd of users", tree -> states.fill(tree, "etc/passwd", user, 30 << 20));
        states.run("passwd and shadow of users", tree -> {
            states.fill(tree, "etc/passwd", user, 8 << 20);
            states.fill(tree, "etc/shadow", "u#:x:1::::::\n", 8 << 20);
        });
        states.run("a group of everybody", tree -> states.fill(tree, "etc/group", "root:x:0:", "a,", "\n", 30 << 20));
        states.run("shells", tree -> states.fill(tree, "etc/shells", "a\n", 30 << 20));
        states.run("different shells", tree -> states.fill(tree, "etc/shells", "#\n", 30 << 20));
        states.run("subuid", tree -> states.fill(tree, "etc/subuid", "u:#:1\n", 30 << 20));
        states.run("status of lines", tree -> states.fill(tree, STATUS, "a\n", 64 << 20));
        states.run("status of fields", tree -> states.fill(tree, STATUS, "a#:\n", 30 << 20));
        states.run("status of packages", tree -> states.fill(tree, STATUS, DPKG.replace("dpkg", "p#"), 30 << 20));
        states.run(
                "a package that depends on very much",
                tree -> states.fill(
                        tree, STATUS, DPKG.formatted("1").stripTrailing() + "\nDepends: a", ",\n a", "\n", 30 << 20));
        states.run("lists of very many files", tree -> {
            StringBuilder status = new StringBuilder(DPKG.formatted("1"));
            for (int i = 0; i < 20; i++) {
                status.append(DPKG.replace("dpkg", "p" + i).formatted("1"));
                states.fill(tree, INFO + "p" + i + ".list", "/usr/p" + i + "/#\n", 8 << 20);
                states.fill(tree, INFO + "p" + i + ".md5sums", "0".repeat(32) + "  usr/p" + i + "/#\n", 8 << 20);
            }
            write(tree, STATUS, status.toString());
        });
        states.run("very many files of what is derived", tree -> {
            states.many(tree, "usr/share/mime", files);
            states.many(tree, "var/cache/man", files);
        });
        states.run("very many files of a package in the database", tree -> states.many(tree, INFO, "dpkg.", files));
        states.run("very many alternatives", tree -> states.many(tree, "var/lib/dpkg/alternatives", files));
        System.out.println(states.cases + " states");
    }

    private interface Filling {
        void fill(Path tree) throws IOException;
    }

    private void run(String what, Filling filling) throws Exception {
        Path place = Files.createDirectory(directory.resolve("case-" + cases++));
        Path old = base(place.resolve("old"), "1");
        Path renewed = base(place.resolve("new"), "2");
        Path own = base(place.resolve("own"), "1");
        filling.fill(own);
        SafeOpen open = new SafeOpen(calls);
        List<Conflict> asked = new ArrayList<>();
        String refused = "";
        try (OpenTree olds = new OpenTree(calls, open.ownDirectory(old.toString()));
                OpenTree news = new OpenTree(calls, open.ownDirectory(renewed.toString()));
                OpenTree owns = new OpenTree(calls, open.ownDirectory(own.toString()), List.of(olds, news))) {
            long begin = System.nanoTime();
            for (CoupledState merger : CoupledStates.ALL) {
                try {
                    merger.claim(LimitedTree.of(new ThreeTrees(olds, news, owns)), conflict -> {
                        asked.add(conflict);
                        return OnConflict.FAIL;
                    });
                } catch (NodeException e) {
                    refused += ", " + e.getMessage();
                }
            }
            System.out.printf(
                    "%s: %d ms, %d conflicts%s%n",
                    what, (System.nanoTime() - begin) / 1_000_000, asked.size(), refused);
        }
    }

    private static Path base(Path tree, String version) throws IOException {
        for (String path :
                List.of("etc/passwd", "etc/shadow", "etc/group", "etc/gshadow", "etc/shells", "etc/subuid")) {
            String text = path.contains("subuid") || path.contains("shells") ? "" : "#\n";
            write(tree, path, text + "#" + version + "\n");
        }
        write(tree, STATUS, DPKG.formatted(version));
        write(tree, INFO + "dpkg.list", "/usr/bin/dpkg\n");
        write(tree, "usr/bin/dpkg", version);
        write(tree, "usr/share/mime/types", version);
        write(tree, "var/cache/man/index.db", version);
        return tree;
    }

    private static void write(Path tree, String path, String text) throws IOException {
        Files.createDirectories(tree.resolve(path).getParent());
        Files.writeString(tree.resolve(path), text, ISO_8859_1);
    }

    private void fill(Path tree, String path, String form, long bytes) throws IOException {
        fill(tree, path, "", form, "", bytes);
    }

    /** Writes a form again and again, a number in the place of each number sign. */
    private void fill(Path tree, String path, String begin, String form, String end, long bytes) throws IOException {
        Files.createDirectories(tree.resolve(path).getParent());
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(tree.resolve(path)), 1 << 20)) {
            out.write(begin.getBytes(ISO_8859_1));
            long written = 0;
            for (int i = 1; written < bytes; i++) {
                byte[] next = form.replace("#", Integer.toString(i)).getBytes(ISO_8859_1);
                out.write(next);
                written += next.length;
            }
            out.write(end.getBytes(ISO_8859_1));
        }
    }

    private void many(Path tree, String path, int count) throws IOException {
        many(tree, path, "", count);
    }

    /** Makes names of one file, which is soon done. */
    private void many(Path tree, String path, String prefix, int count) throws IOException {
        Path into = Files.createDirectories(tree.resolve(path));
        Path file = Files.createFile(into.resolve(prefix + "first"));
        Path first = file;
        for (int i = 1; i < count; i++) {
            if (i % 20_000 == 0) {
                first = Files.createFile(into.resolve(prefix + "first" + i));
            }
            Files.createLink(into.resolve(prefix + i), first);
        }
    }
}
