package dev.veneer.node.app;

import dev.veneer.node.cli.Terminal;
import dev.veneer.node.cli.Veneer;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A node as its user has it: a store on a file system of its own, a directory of YAML files and the real commands, run
 * in this process.
 */
final class NodeOnLoop implements AutoCloseable {
    /** More than what a NodeStore keeps free by default. */
    private static final long MEBIBYTES = 1500;

    /** What one command said and ended with. */
    record Said(int status, String text) {}

    final LoopDevice disk;
    final Path store;
    final Path files;
    final Path archives;

    NodeOnLoop(LoopDevice.Kind kind) throws IOException {
        this(kind, MEBIBYTES);
    }

    /** On a disk that is small: a NodeStore has to be declared that keeps less free. */
    NodeOnLoop(LoopDevice.Kind kind, long mebibytes) throws IOException {
        disk = LoopDevice.create(kind, mebibytes);
        store = disk.mountPoint().resolve("store");
        files = Files.createDirectory(disk.mountPoint().resolve("files"));
        archives = Files.createDirectory(disk.mountPoint().resolve("archives"));
    }

    /** Runs a command with {@code --store}. */
    Said run(String... arguments) {
        return runOn(store, arguments);
    }

    private static Said runOn(Path store, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--store");
        all.add(store.toString());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            int status = Veneer.run(
                    Terminal.of(out, out, "", Map.of()),
                    dev.veneer.node.app.Commands.wired(),
                    all.toArray(new String[0]));
            return new Said(status, bytes.toString(StandardCharsets.UTF_8));
        }
    }

    /** {@code veneer apply} of the directory of files. */
    Said apply(String... options) {
        return applyOf(files, options);
    }

    /** The same into another store. */
    Said applyTo(Path other, String... options) {
        List<String> all = new ArrayList<>(List.of("apply", "-f", files.toString()));
        all.addAll(List.of(options));
        return runOn(other, all.toArray(new String[0]));
    }

    Said applyOf(Path source, String... options) {
        List<String> all = new ArrayList<>(List.of("apply", "-f", source.toString()));
        all.addAll(List.of(options));
        return run(all.toArray(new String[0]));
    }

    /** Packs a directory whose files are given as paths and contents, a path that ends in a slash being a directory. */
    String archive(String name, String... pathsAndContents) throws IOException {
        Path tree = Files.createTempDirectory(archives, name);
        List<String> tops = new ArrayList<>();
        for (int i = 0; i < pathsAndContents.length; i += 2) {
            Path file = tree.resolve(pathsAndContents[i]);
            if (pathsAndContents[i].endsWith("/")) {
                Files.createDirectories(file);
            } else {
                Files.createDirectories(file.getParent());
                Files.writeString(file, pathsAndContents[i + 1]);
            }
            String top = pathsAndContents[i].replaceAll("/.*", "");
            if (!tops.contains(top)) {
                tops.add(top);
            }
        }
        return pack(name, tree, tops);
    }

    /** Packs the named files of a directory. */
    String pack(String name, Path tree, List<String> names) {
        Path file = archives.resolve(name + ".tar");
        List<String> command =
                new ArrayList<>(List.of("tar", "-C", tree.toString(), "--sort=name", "-cf", file.toString()));
        command.addAll(names);
        Commands.run(command.toArray(new String[0]));
        return file.toUri().toString();
    }

    /** Writes a file of the source. */
    Path write(String name, String... documents) throws IOException {
        return Files.writeString(files.resolve(name), String.join("---\n", documents));
    }

    static String image(String name, String url, String... more) {
        return "apiVersion: veneer.dev/v1alpha1\nkind: BaseImage\nmetadata: {name: " + name
                + "}\nspec:\n  source: {archive: {url: \"" + url + "\"}}\n" + lines(more);
    }

    /** A sliver of the base image {@code base}. */
    static String sliver(String name, String... more) {
        return "apiVersion: veneer.dev/v1alpha1\nkind: Sliver\nmetadata: {name: " + name
                + "}\nspec:\n  baseImage: base\n" + lines(more);
    }

    /** A sliver of a base image; more of its spec in one line, as {@code key: value, …}. */
    static String sliverOn(String base, String name, String more) {
        return "apiVersion: veneer.dev/v1alpha1\nkind: Sliver\nmetadata: {name: " + name + "}\nspec: {baseImage: "
                + base + (more.isEmpty() ? "" : ", " + more) + "}\n";
    }

    private static String lines(String... more) {
        StringBuilder text = new StringBuilder();
        for (String line : more) {
            text.append("  ").append(line).append('\n');
        }
        return text.toString();
    }

    Path rootfs(String sliver) {
        return store.resolve("rootfs/default").resolve(sliver);
    }

    Path revision(String sliver, int number) {
        return store.resolve("slivers/default").resolve(sliver).resolve("revisions/" + number);
    }

    /** Sources of what is mounted at a directory, the topmost last. */
    List<String> mountedAt(Path target) throws IOException {
        List<String> sources = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1)) {
            String[] fields = line.split(" ", -1);
            if (fields[4].equals(target.toString())) {
                // without the mark of the store
                sources.add(line.replaceAll(".* - \\S+ (\\S+) .*", "$1").replaceAll("(@[0-9]+):[0-9a-f]{8}", "$1"));
            }
        }
        return sources;
    }

    /** How many mounts there are below the disk, itself included. */
    long mounts() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1).stream()
                .filter(line ->
                        line.split(" ", -1)[4].startsWith(disk.mountPoint().toString()))
                .count();
    }

    /** Everything in the store, mounts left out: when each path was changed last, in data or otherwise. */
    Map<String, String> times() throws IOException {
        Map<String, String> times = new TreeMap<>();
        try (Stream<Path> all = Files.walk(store)) {
            for (Path path : (Iterable<Path>) all.filter(each -> !each.startsWith(store.resolve("rootfs")))::iterator) {
                times.put(
                        store.relativize(path).toString(),
                        Files.getAttribute(path, "unix:ctime", LinkOption.NOFOLLOW_LINKS) + " "
                                + Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS));
            }
        }
        return times;
    }

    @Override
    public void close() {
        disk.close();
    }
}
