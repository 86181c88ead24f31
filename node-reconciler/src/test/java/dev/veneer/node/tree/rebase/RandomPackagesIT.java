package dev.veneer.node.tree.rebase;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import dev.veneer.node.tree.PathPattern;
import dev.veneer.node.tree.coupled.DebianTree;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.Verdict;
import dev.veneer.node.tree.rebase.WholeMove.Moved;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Random packages that come, go and are upgraded in the sliver and in the second base, between random deeds of the
 * sliver's owner: through mergers, planner, writer and check, on a mount. What the database of packages says afterwards
 * is what there is, but for what the owner did, and nothing of the owner's is lost.
 */
class RandomPackagesIT {
    private static final int SEEDS = Integer.getInteger("veneer.packages.seeds", 60);
    private static final long FIRST_SEED = Long.getLong("veneer.packages.first", 1);
    private static final List<String> NAMES = List.of("alpha", "beta", "gamma", "delta");
    private static final int VERSIONS = 3;
    private static final String ASIDE = "var/lib/veneer/displaced";

    private final LinuxCalls calls = new JnrLinuxCalls();

    @Test
    void theDatabaseTellsWhatThereIsAndNothingOfTheOwnersIsLost() throws Exception {
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.XFS, 600)) {
            for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
                try {
                    new Case(new Random(seed)).run(device.mountPoint().resolve("p" + seed));
                } catch (Exception | AssertionError e) {
                    throw new AssertionError("seed " + seed, e);
                }
            }
        }
    }

    /** What a package has in a version. */
    private static Map<String, String> files(String name, int version) {
        Map<String, String> files = new TreeMap<>();
        files.put("usr/bin/" + name, name + version);
        files.put("usr/lib/" + name + "/lib.so", "-> lib.so." + version);
        files.put("usr/lib/" + name + "/lib.so." + version, name + version);
        files.put("usr/share/doc/" + name + "/copyright", "of " + name);
        files.put("usr/share/doc/" + name + "/changelog", name + version);
        files.put("usr/share/common/" + name, "of " + name);
        if (version > 1) {
            files.put("usr/share/" + name + "/data/x", name + version);
        }
        if (version > 2) {
            files.put("usr/share/" + name + "/data/deep/y", name + version);
            files.put("usr/share/doc/" + name + "/news", name + version);
        }
        return files;
    }

    private static final class Own {
        /** By path, what the owner wrote there. */
        final Map<String, String> files = new TreeMap<>();
        /** Paths at or below which the owner did something. */
        final TreeSet<String> touched = new TreeSet<>();

        void gone(String path) {
            files.keySet().removeIf(each -> each.equals(path) || each.startsWith(path + "/"));
            touched.add(path);
        }

        boolean isTouched(String path) {
            return touched.stream()
                    .anyMatch(each -> path.equals(each) || path.startsWith(each + "/") || each.startsWith(path + "/"));
        }
    }

    private final class Case {
        final Random random;
        final Own own = new Own();
        final DebianTree oldBase = new DebianTree();
        DebianTree newBase = oldBase;
        DebianTree sliver = oldBase;

        Case(Random random) {
            this.random = random;
        }

        void run(Path directory) throws Exception {
            for (String name : NAMES) {
                if (random.nextBoolean()) {
                    install(oldBase, name, 1 + random.nextInt(2));
                }
            }
            newBase = oldBase.copy();
            sliver = oldBase.copy();
            for (int i = random.nextInt(5); i >= 0; i--) {
                packages(newBase);
            }
            try (WholeMove move = new WholeMove(calls, directory, oldBase.tree(), newBase.tree())) {
                for (int i = random.nextInt(10); i >= 0; i--) {
                    if (random.nextInt(3) > 0) {
                        DebianTree before = sliver.copy();
                        packages(sliver);
                        WholeMove.apply(before.tree(), sliver.tree(), move.view());
                    } else {
                        deed(move.view(), i);
                    }
                }
                List<PathPattern> pins = random.nextInt(4) == 0
                        ? List.of(PathPattern.parse("/usr/share/doc/" + NAMES.get(random.nextInt(NAMES.size()))))
                        : List.of();
                RebasePlan failing = move.plan(new RebaseRules(List.of(), OnConflict.FAIL, pins));
                for (OnConflict onConflict : List.of(OnConflict.KEEP_SLIVER, OnConflict.TAKE_BASE)) {
                    Moved moved = move.move(new RebaseRules(List.of(), onConflict, pins));
                    assertEquals(failing.failed(), !moved.plan().conflicts().isEmpty(), onConflict + ": " + failing);
                    if (!moved.plan().failed()) {
                        look(moved, onConflict, pins);
                    }
                }
            }
        }

        private void install(DebianTree tree, String name, int version) {
            String needs = name.equals("beta") && version > 1 ? "Depends: alpha (>= 2)\n" : "";
            tree.install(name, Integer.toString(version), needs, files(name, version));
        }

        private void packages(DebianTree tree) {
            String name = NAMES.get(random.nextInt(NAMES.size()));
            if (random.nextInt(3) == 0 && tree.versions().containsKey(name)) {
                tree.purge(name);
            } else {
                install(tree, name, 1 + random.nextInt(VERSIONS));
            }
        }

        /** Something that the owner does without the package manager. */
        private void deed(Path view, int number) throws Exception {
            String name = NAMES.get(random.nextInt(NAMES.size()));
            List<String> files =
                    new ArrayList<>(files(name, 1 + random.nextInt(VERSIONS)).keySet());
            String file = files.get(random.nextInt(files.size()));
            String directory = file.substring(0, file.lastIndexOf('/'));
            Path at = view.resolve(file);
            Path in = view.resolve(directory);
            if (!WholeMove.isWithin(view, at) || Files.isSymbolicLink(in)) {
                return;
            }
            switch (random.nextInt(9)) {
                case 0 -> {
                    if (Files.isRegularFile(at, LinkOption.NOFOLLOW_LINKS)) {
                        write(at, file, "edited " + number);
                    }
                }
                case 1 -> {
                    if (Files.isRegularFile(at, LinkOption.NOFOLLOW_LINKS)) {
                        own.touched.add(file);
                        Files.setPosixFilePermissions(at, PosixFilePermissions.fromString("rwx------"));
                    }
                }
                case 2 -> {
                    if (Files.isDirectory(in, LinkOption.NOFOLLOW_LINKS)) {
                        own.touched.add(directory);
                        Files.setPosixFilePermissions(in, PosixFilePermissions.fromString("rwxr-x---"));
                    }
                }
                case 3 -> {
                    if (Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
                        own.gone(file);
                        Files.delete(at);
                    }
                }
                case 4, 5 -> {
                    own.gone(directory);
                    Commands.run("rm", "-rf", in.toString());
                    if (random.nextBoolean() && Files.isDirectory(in.getParent())) {
                        Files.createDirectory(in);
                        write(in.resolve("mine"), directory + "/mine", "in place " + number);
                    }
                }
                case 6 -> {
                    if (Files.isDirectory(in.getParent())) {
                        own.gone(directory);
                        Commands.run("rm", "-rf", in.toString());
                        Files.createSymbolicLink(in, Path.of("/nowhere/" + number));
                    }
                }
                case 7 -> {
                    if (Files.isDirectory(in, LinkOption.NOFOLLOW_LINKS)) {
                        write(in.resolve("own" + number), directory + "/own" + number, "own " + number);
                    }
                }
                default -> {
                    if (Files.isDirectory(in, LinkOption.NOFOLLOW_LINKS)
                            && Files.isRegularFile(at, LinkOption.NOFOLLOW_LINKS)) {
                        own.touched.add(file);
                        Files.createLink(in.resolve("link" + number), at);
                        own.files.put(directory + "/link" + number, Files.readString(at));
                    }
                }
            }
        }

        private void write(Path to, String path, String text) throws Exception {
            Files.writeString(to, text);
            own.touched.add(path);
            own.files.put(path, text);
        }

        private void look(Moved moved, OnConflict onConflict, List<PathPattern> pins) throws Exception {
            Map<String, String> versions = new TreeMap<>();
            for (String stanza : moved.text("var/lib/dpkg/status").split("\n\n", -1)) {
                String name = stanza.replaceAll("(?s)^Package: ([^\n]*)\n.*", "$1");
                versions.put(name, stanza.replaceAll("(?s).*\nVersion: ([^\n]*)\n.*", "$1"));
            }
            for (String name : NAMES) {
                Map<String, String> all = new TreeMap<>();
                for (int version = 1; version <= VERSIONS; version++) {
                    all.putAll(files(name, version));
                }
                String version = versions.get(name);
                Map<String, String> wanted = version == null ? Map.of() : files(name, Integer.parseInt(version));
                for (String path : all.keySet()) {
                    boolean pinned = pins.stream().anyMatch(pin -> pin.matches(bytes(path)));
                    if (!own.isTouched(path) && !pinned) {
                        assertEquals(wanted.get(path), found(moved.view(), path), path + " of " + name + " " + version);
                    }
                }
                assertEquals(version != null, moved.has("var/lib/dpkg/info/" + name + ".list"), name);
            }
            for (Map.Entry<String, String> file : own.files.entrySet()) {
                boolean there = file.getValue().equals(found(moved.view(), file.getKey()));
                boolean aside = file.getValue().equals(found(moved.view(), ASIDE + "/2/" + file.getKey()));
                boolean mayMove = onConflict == OnConflict.TAKE_BASE;
                if (!file.getValue().startsWith("edited") && !file.getKey().contains("/link")) {
                    assertTrue(
                            there || (mayMove && aside),
                            file + ": " + moved.plan().reports());
                }
                assertFalse(aside && !mayMove, file.toString());
            }
            for (PathReport report : moved.plan().reports()) {
                String path = new String(report.path().array(), StandardCharsets.UTF_8);
                if (report.verdict() == Verdict.DISPLACED) {
                    assertTrue(moved.has(ASIDE + "/2/" + path), path);
                }
            }
        }

        private String found(Path view, String path) throws Exception {
            Path at = view.resolve(path);
            if (!WholeMove.isWithin(view, at) || !Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
                return null;
            }
            return Files.isSymbolicLink(at) ? "-> " + Files.readSymbolicLink(at) : Files.readString(at);
        }

        private byte[] bytes(String path) {
            return path.getBytes(StandardCharsets.UTF_8);
        }
    }
}
