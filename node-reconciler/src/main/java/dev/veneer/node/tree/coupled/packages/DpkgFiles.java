package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.ReadingBudget;
import dev.veneer.node.tree.coupled.record.Stanza;
import dev.veneer.node.tree.coupled.record.StateFile;
import dev.veneer.node.tree.merge.MergeTree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The files that dpkg's packages own, where they lie: through diversions and the links of a merged {@code usr}. */
final class DpkgFiles implements PackageFiles {
    /** Of one package; the largest of Debian have some 40,000. */
    private static final int MOST_FILES = 300_000;

    private final MergeTree tree;
    private final Map<PackageKey, InstalledPackage<Stanza>> packages;
    private final InfoFiles info;
    private final Diversions diversions;
    private final MergedUsr usr;
    private final Map<PackageKey, Map<Bytes, String>> sums = new HashMap<>();
    private final Map<PackageKey, Map<Bytes, String>> configuration = new HashMap<>();

    DpkgFiles(MergeTree tree, Map<PackageKey, InstalledPackage<Stanza>> packages, InfoFiles info, Diversions diversions)
            throws LinuxException, NodeException {
        this.tree = tree;
        this.packages = packages;
        this.info = info;
        this.diversions = diversions;
        usr = new MergedUsr(tree);
    }

    InfoFiles info() {
        return info;
    }

    Diversions diversions() {
        return diversions;
    }

    @Override
    public List<Bytes> paths(PackageKey key) throws LinuxException, NodeException, MalformedState {
        List<Bytes> paths = new ArrayList<>();
        for (Bytes path : listed(key)) {
            paths.add(diversions.actual(key, path));
        }
        return paths;
    }

    /** As the package lists them: without regard to diversions. The list is read anew each time, and not kept. */
    List<Bytes> listed(PackageKey key) throws LinuxException, NodeException, MalformedState {
        Bytes file = packages.containsKey(key) ? info.path(key, "list") : null;
        List<Bytes> paths = new ArrayList<>();
        if (file != null) {
            StateFile.each(tree, file, line -> {
                Bytes path = OwnedPath.of(file, line);
                if (paths.size() == MOST_FILES) {
                    throw new MalformedState(file, "lists more than " + MOST_FILES + " files");
                }
                if (!path.isEmpty()) {
                    paths.add(usr.real(path));
                }
            });
        }
        return paths;
    }

    @Override
    public boolean holdsOriginal(PackageKey key, Bytes path) throws LinuxException, NodeException, MalformedState {
        String digest = configuration(key).get(path);
        if (digest == null) {
            digest = sums(key).get(path);
        }
        return digest != null && Checksum.matches(tree, path, "MD5", digest);
    }

    @Override
    public boolean isConfiguration(PackageKey key, Bytes path) throws MalformedState {
        return configuration(key).containsKey(path);
    }

    private Map<Bytes, String> sums(PackageKey key) throws LinuxException, NodeException, MalformedState {
        Map<Bytes, String> known = sums.get(key);
        if (known != null) {
            return known;
        }
        Map<Bytes, String> read = new HashMap<>();
        Bytes file = packages.containsKey(key) ? info.path(key, "md5sums") : null;
        ReadingBudget budget = ReadingBudget.of(tree);
        if (file != null) {
            StateFile.each(tree, file, line -> {
                // Thirty-two digits, a blank, a blank or an asterisk, and a path without leading slash.
                if (line.length() > 34 && OwnedPath.isPlain(Octets.tail(line, 34))) {
                    Bytes path = diversions.actual(key, usr.real(Octets.tail(line, 34)));
                    budget.keep(file, line.length(), 1);
                    read.put(path, Octets.ascii(Octets.head(line, 32)));
                }
            });
        }
        sums.put(key, read);
        return read;
    }

    private Map<Bytes, String> configuration(PackageKey key) throws MalformedState {
        Map<Bytes, String> known = configuration.get(key);
        if (known != null) {
            return known;
        }
        Map<Bytes, String> read = new HashMap<>();
        InstalledPackage<Stanza> installed = packages.get(key);
        if (installed != null) {
            for (Bytes line : Octets.split(installed.record().value("Conffiles"), '\n')) {
                List<Bytes> words = Octets.words(line);
                boolean obsolete = words.size() > 2 && words.get(2).equals(Octets.of("obsolete"));
                if (words.size() >= 2 && !obsolete) {
                    Bytes path = usr.real(OwnedPath.of(DpkgDatabase.STATUS, words.get(0)));
                    read.put(diversions.actual(key, path), Octets.ascii(words.get(1)));
                }
            }
        }
        configuration.put(key, read);
        return read;
    }
}
