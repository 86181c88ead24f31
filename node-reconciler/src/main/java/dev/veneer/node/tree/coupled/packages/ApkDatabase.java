package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.packages.InstalledPackage.Phase;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.StateFile;
import dev.veneer.node.tree.merge.MergeTree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** apk's database of one tree. */
final class ApkDatabase {
    /** Where it is: the newer one first. */
    static final List<Bytes> ROOTS = List.of(Bytes.utf8("usr/lib/apk/db"), Bytes.utf8("lib/apk/db"));

    static final Bytes INSTALLED = Bytes.utf8("installed");
    static final Bytes TRIGGERS = Bytes.utf8("triggers");
    static final List<Bytes> SCRIPTS = List.of(Bytes.utf8("scripts.tar"), Bytes.utf8("scripts.tar.gz"));

    private static final Pattern NAME = Pattern.compile("\\.?[A-Za-z0-9][A-Za-z0-9+._-]*");
    private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9.+_~:-]+");
    /** A system is of one architecture. */
    private static final String ANY = "";

    private final MergeTree tree;
    private final Bytes root;
    private final Map<PackageKey, InstalledPackage<ApkRecord>> packages = new LinkedHashMap<>();
    private final ApkFiles files;
    private final List<Trigger> triggers = new ArrayList<>();
    private final Bytes scriptsPath;
    private final ApkScripts scripts;
    private final ApkWorld world;
    private final Map<Bytes, PackageKey> byOwner = new HashMap<>();

    /**
     * What a package wants to be told of.
     *
     * @param key of the package; null when none has the checksum
     */
    record Trigger(@Nullable PackageKey key, Bytes line) {}

    private ApkDatabase(MergeTree tree, Bytes root) throws LinuxException, NodeException, MalformedState {
        this.tree = tree;
        this.root = root;
        Bytes path = installed();
        files = new ApkFiles(tree, path);
        Map<ApkDigest, PackageKey> byBuild = new HashMap<>();
        List<Bytes> lines = StateFile.lines(tree, path);
        for (ApkRecord record : ApkRecord.parse(path, lines == null ? List.of() : lines)) {
            InstalledPackage<ApkRecord> installed = parse(path, record);
            if (packages.put(installed.key(), installed) != null) {
                throw new MalformedState(
                        path, "has two records of " + installed.key().name());
            }
            files.add(installed.key(), record);
            byOwner.put(Octets.concat(record.value('P'), Octets.of("-"), record.value('V')), installed.key());
            ApkDigest build = ApkDigest.parse(installed.build());
            if (build != null) {
                byBuild.put(build, installed.key());
            }
        }
        triggers(byBuild);
        Bytes found = Octets.below(root, SCRIPTS.get(0));
        for (Bytes name : SCRIPTS) {
            if (tree.find(Octets.below(root, name)) != null) {
                found = Octets.below(root, name);
                break;
            }
        }
        scriptsPath = found;
        scripts = ApkScripts.read(tree, scriptsPath);
        world = ApkWorld.read(tree);
    }

    /** Where the tree has it, or null. */
    static @Nullable Bytes root(MergeTree tree) throws LinuxException, NodeException, MalformedState {
        Bytes root = null;
        for (Bytes each : ROOTS) {
            Bytes path = Octets.below(each, INSTALLED);
            if (tree.find(path) != null) {
                if (root != null) {
                    throw new MalformedState(path, "is a second database beside the one below " + root);
                }
                root = each;
            }
        }
        return root;
    }

    /** @throws MalformedState when it cannot be read */
    static ApkDatabase read(MergeTree tree, Bytes root) throws LinuxException, NodeException, MalformedState {
        return new ApkDatabase(tree, root);
    }

    private static InstalledPackage<ApkRecord> parse(Bytes path, ApkRecord record) throws MalformedState {
        String name = Octets.ascii(record.value('P'));
        Bytes version = record.value('V');
        if (!NAME.matcher(name).matches()
                || !VERSION.matcher(Octets.ascii(version)).matches()) {
            throw new MalformedState(path, "has a record that names no package or version: " + record.value('P'));
        }
        return new InstalledPackage<>(new PackageKey(name, ANY), Phase.FILES, version, record.value('C'), record);
    }

    private void triggers(Map<ApkDigest, PackageKey> byBuild) throws LinuxException, NodeException, MalformedState {
        List<Bytes> lines = StateFile.lines(tree, Octets.below(root, TRIGGERS));
        for (Bytes line : lines == null ? List.<Bytes>of() : lines) {
            List<Bytes> words = Octets.words(line);
            ApkDigest build = words.isEmpty() ? null : ApkDigest.parse(words.get(0));
            if (build == null) {
                throw new MalformedState(Octets.below(root, TRIGGERS), "has a line without a package's checksum");
            }
            triggers.add(new Trigger(byBuild.get(build), line));
        }
    }

    /**
     * A list that was cut short between two records looks like one of fewer packages; but what apk removes, it removes
     * with its files.
     *
     * @throws MalformedState when a package of the other tree is gone and all that it brought is there
     */
    void checkAgainst(ApkDatabase before) throws LinuxException, NodeException, MalformedState {
        Set<PackageKey> gone = new HashSet<>(before.packages.keySet());
        gone.removeAll(packages.keySet());
        Set<Bytes> owned = new HashSet<>();
        for (PackageKey key : gone.isEmpty() ? Set.<PackageKey>of() : packages.keySet()) {
            owned.addAll(files.paths(key));
        }
        for (PackageKey key : gone) {
            List<Bytes> programs = before.files.programs(key);
            boolean all = !programs.isEmpty();
            for (Bytes program : programs) {
                all = all && !owned.contains(program) && tree.find(program) != null;
            }
            if (all) {
                throw new MalformedState(installed(), "lacks " + key.name() + ", whose files are all there");
            }
        }
    }

    PackageTable<ApkRecord> table() {
        return new PackageTable<>(packages, files);
    }

    Bytes installed() {
        return Octets.below(root, INSTALLED);
    }

    Bytes root() {
        return root;
    }

    List<Trigger> triggers() {
        return triggers;
    }

    Bytes scriptsPath() {
        return scriptsPath;
    }

    ApkScripts scripts() {
        return scripts;
    }

    /** The package that a script is of, or null. */
    @Nullable
    PackageKey owner(ApkScripts.Entry script) {
        return byOwner.get(script.owner());
    }

    ApkWorld world() {
        return world;
    }
}
