package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.packages.InstalledPackage.Phase;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.Stanza;
import dev.veneer.node.tree.coupled.record.StanzaFile;
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

/** dpkg's database of one tree. */
final class DpkgDatabase {
    static final Bytes DIRECTORY = Bytes.utf8("var/lib/dpkg");
    static final Bytes STATUS = Bytes.utf8("var/lib/dpkg/status");
    static final Bytes INFO = Bytes.utf8("var/lib/dpkg/info");
    static final Bytes FORMAT = Bytes.utf8("var/lib/dpkg/info/format");
    private static final Bytes UPDATES = Bytes.utf8("var/lib/dpkg/updates");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9+._-]*");
    private static final Pattern ARCHITECTURE = Pattern.compile("[a-z0-9][a-z0-9-]*");
    private static final String ALL = "all";

    private final PackageTable table;
    private final DpkgFiles files;

    private DpkgDatabase(PackageTable table, DpkgFiles files) {
        this.table = table;
        this.files = files;
    }

    PackageTable table() {
        return table;
    }

    DpkgFiles files() {
        return files;
    }

    /** @throws MalformedState when it cannot be read, or an interrupted dpkg left it unfinished */
    static DpkgDatabase read(MergeTree tree) throws LinuxException, NodeException, MalformedState {
        List<Bytes> lines = StateFile.lines(tree, STATUS);
        List<Stanza> stanzas = lines == null ? List.of() : StanzaFile.parse(STATUS, lines);
        for (Bytes update : tree.names(UPDATES)) {
            if (Octets.ascii(update).matches("[0-9]+")) {
                throw new MalformedState(Octets.below(UPDATES, update), "is an update that dpkg did not finish");
            }
        }
        Bytes format = StateFile.read(tree, FORMAT);
        if (format != null && !List.of("0", "1").contains(Octets.ascii(Octets.strip(format)))) {
            throw new MalformedState(FORMAT, "is of a format that is not known");
        }
        String nativeArchitecture = nativeArchitecture(stanzas);
        Map<PackageKey, InstalledPackage> packages = new LinkedHashMap<>();
        for (Stanza stanza : stanzas) {
            InstalledPackage installed = parse(stanza, nativeArchitecture);
            if (packages.put(installed.key(), installed) != null) {
                throw new MalformedState(STATUS, "has two stanzas of " + installed.key());
            }
        }
        InfoFiles info = new InfoFiles(tree, INFO, packages.keySet(), nativeArchitecture);
        DpkgFiles files = new DpkgFiles(tree, packages, info, Diversions.read(tree));
        return new DpkgDatabase(new PackageTable(packages, files), files);
    }

    private static InstalledPackage parse(Stanza stanza, String nativeArchitecture) throws MalformedState {
        String name = Octets.ascii(stanza.value("Package"));
        String architecture = Octets.ascii(stanza.value("Architecture"));
        List<Bytes> status = Octets.words(stanza.value("Status"));
        if (!NAME.matcher(name).matches() || status.size() != 3) {
            throw new MalformedState(STATUS, "has a stanza that names no package or status: " + Octets.of(name));
        }
        Phase phase =
                switch (Octets.ascii(status.get(2))) {
                    case "not-installed" -> Phase.NONE;
                    case "config-files" -> Phase.CONFIGURATION;
                    case "half-installed",
                            "unpacked",
                            "half-configured",
                            "triggers-awaited",
                            "triggers-pending",
                            "installed" -> Phase.FILES;
                    default -> throw new MalformedState(STATUS, "has no status of " + name + " that is known");
                };
        if (architecture.isEmpty() && phase == Phase.NONE) {
            architecture = nativeArchitecture;
        }
        if (!ARCHITECTURE.matcher(architecture).matches()) {
            throw new MalformedState(STATUS, "has no architecture of " + name);
        }
        Bytes version = stanza.value("Version");
        if (phase != Phase.NONE && !Octets.ascii(version).matches("[A-Za-z0-9.+:~-]+")) {
            throw new MalformedState(STATUS, "has no version of " + name);
        }
        String key = architecture.equals(ALL) ? nativeArchitecture : architecture;
        return new InstalledPackage(new PackageKey(name, key), phase, version, stanza);
    }

    /** The one of dpkg itself; without it the most frequent. */
    private static String nativeArchitecture(List<Stanza> stanzas) {
        Map<String, Integer> count = new HashMap<>();
        for (Stanza stanza : stanzas) {
            String architecture = Octets.ascii(stanza.value("Architecture"));
            if (stanza.value("Package").equals(Octets.of("dpkg")) && !architecture.isEmpty()) {
                return architecture;
            }
            if (!architecture.isEmpty() && !architecture.equals(ALL)) {
                count.merge(architecture, 1, Integer::sum);
            }
        }
        return count.entrySet().stream()
                .max(Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey)
                .orElse(ALL);
    }

    /** Packages of the other tree that are gone here although their lists of files are not: the database was cut short. */
    void checkAgainst(DpkgDatabase before, MergeTree tree) throws LinuxException, NodeException, MalformedState {
        List<PackageKey> gone = new ArrayList<>(before.table.packages().keySet());
        gone.removeAll(table.packages().keySet());
        Set<Bytes> others = new HashSet<>();
        for (PackageKey key :
                gone.isEmpty() ? Set.<PackageKey>of() : table.packages().keySet()) {
            others.addAll(files.info().paths(key));
        }
        for (PackageKey key : gone) {
            Bytes list = before.files.info().path(key, "list");
            if (list != null && tree.find(list) != null && !others.contains(list)) {
                throw new MalformedState(STATUS, "lacks " + key.name() + ", whose list of files is there");
            }
        }
    }
}
