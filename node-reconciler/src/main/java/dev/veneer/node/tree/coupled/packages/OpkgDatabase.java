package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.packages.InstalledPackage.Phase;
import dev.veneer.node.tree.coupled.record.Difference;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.Stanza;
import dev.veneer.node.tree.coupled.record.StanzaFile;
import dev.veneer.node.tree.coupled.record.StateFile;
import dev.veneer.node.tree.merge.MergeTree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** opkg's database of one tree, and the files that its packages own. */
final class OpkgDatabase implements PackageFiles {
    static final Bytes STATUS = Bytes.utf8("status");
    static final Bytes INFO = Bytes.utf8("info");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9+._-]*");
    /** A system is of one architecture, and a package's name says which it is. */
    private static final String ANY = "";

    private final MergeTree tree;
    private final Bytes status;
    private final Map<PackageKey, InstalledPackage<Stanza>> packages;
    private final InfoFiles info;
    private final @Nullable OpkgDatabase before;
    private final Map<PackageKey, Map<Bytes, String>> configuration = new HashMap<>();

    private OpkgDatabase(
            MergeTree tree,
            Bytes status,
            Map<PackageKey, InstalledPackage<Stanza>> packages,
            InfoFiles info,
            @Nullable OpkgDatabase before) {
        this.before = before;
        this.tree = tree;
        this.status = status;
        this.packages = packages;
        this.info = info;
    }

    /**
     * Reads it.
     *
     * @param before what it came from and its owner changed; null where nobody changed anything
     */
    static OpkgDatabase read(MergeTree tree, Bytes root, @Nullable OpkgDatabase before)
            throws LinuxException, NodeException, MalformedState {
        Bytes status = Octets.below(root, STATUS);
        Map<PackageKey, InstalledPackage<Stanza>> packages = new LinkedHashMap<>();
        Map<Bytes, Stanza> stanzas = StanzaFile.read(tree, status, StanzaFile.by("Package"));
        for (Map.Entry<Bytes, Stanza> entry : stanzas.entrySet()) {
            String name = Octets.ascii(entry.getKey());
            Stanza stanza = entry.getValue();
            List<Bytes> words = Octets.words(stanza.value("Status"));
            boolean known = NAME.matcher(name).matches() && words.size() == 3 && stanza.get("Version") != null;
            if (!known) {
                throw new MalformedState(
                        status, "has a stanza that names no package, version or status: " + entry.getKey());
            }
            Phase phase = words.get(2).equals(Octets.of("not-installed")) ? Phase.NONE : Phase.FILES;
            PackageKey key = new PackageKey(name, ANY);
            packages.put(key, new InstalledPackage<>(key, phase, stanza.value("Version"), stanza));
        }
        InfoFiles info = new InfoFiles(tree, Octets.below(root, INFO), packages.keySet(), ANY);
        return new OpkgDatabase(tree, status, packages, info, before);
    }

    PackageTable<Stanza> table() {
        return new PackageTable<>(packages, this);
    }

    InfoFiles info() {
        return info;
    }

    @Override
    public List<Bytes> paths(PackageKey key) throws LinuxException, NodeException, MalformedState {
        List<Bytes> paths = new ArrayList<>();
        Bytes file = packages.containsKey(key) ? info.path(key, "list") : null;
        if (file != null) {
            StateFile.each(tree, file, line -> {
                // Some versions append the mode and the target of a link.
                int tab = Octets.indexOf(line, '\t');
                Bytes path = OwnedPath.of(file, tab < 0 ? line : Octets.head(line, tab));
                if (!path.isEmpty()) {
                    paths.add(path);
                }
            });
        }
        return paths;
    }

    /**
     * Only configuration has a sum. A package that is the one of before brought what was there before; what another one
     * brought nothing tells, so that all that it lists counts as its own.
     */
    @Override
    public boolean holdsOriginal(PackageKey key, Bytes path) throws LinuxException, NodeException, MalformedState {
        String digest = configuration(key).get(path);
        if (digest == null) {
            boolean older = before != null && InstalledPackage.same(before.packages.get(key), packages.get(key));
            return before == null || !older || Difference.same(before.tree.find(path), tree.find(path));
        }
        return Checksum.matches(tree, path, digest.length() == 64 ? "SHA-256" : "MD5", digest);
    }

    @Override
    public boolean isConfiguration(PackageKey key, Bytes path) throws MalformedState {
        return configuration(key).containsKey(path);
    }

    private Map<Bytes, String> configuration(PackageKey key) throws MalformedState {
        Map<Bytes, String> known = configuration.get(key);
        if (known != null) {
            return known;
        }
        Map<Bytes, String> sums = new LinkedHashMap<>();
        configuration.put(key, sums);
        InstalledPackage<Stanza> installed = packages.get(key);
        if (installed != null) {
            for (Bytes line : Octets.split(installed.record().value("Conffiles"), '\n')) {
                List<Bytes> words = Octets.words(line);
                if (words.size() >= 2) {
                    sums.put(OwnedPath.of(status, words.get(0)), Octets.ascii(words.get(1)));
                }
            }
        }
        return sums;
    }
}
