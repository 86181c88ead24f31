package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.merge.MergeTree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The files that the packages of one tree own by apk's list of what is installed. */
final class ApkFiles implements PackageFiles {
    private static final Pattern MODE = Pattern.compile("[0-9]{1,10}:[0-9]{1,10}:[0-7]{1,6}(:[A-Za-z0-9+/=]+)?");
    private static final byte SHORT_SHA256 = 'S';

    private final MergeTree tree;
    private final Bytes file;
    private final MergedUsr usr;
    private final ApkProtected owners;
    private final Map<PackageKey, Owned> packages = new HashMap<>();

    /**
     * What a package owns.
     *
     * @param paths directories included
     * @param sums of the files that have one
     */
    private record Owned(List<Bytes> paths, Map<Bytes, ApkDigest> sums) {
        private static final Owned NONE = new Owned(List.of(), Map.of());
    }

    /**
     * @param file the list, for messages
     */
    ApkFiles(MergeTree tree, Bytes file) throws LinuxException, NodeException, MalformedState {
        this.tree = tree;
        this.file = file;
        usr = new MergedUsr(tree);
        owners = ApkProtected.read(tree);
    }

    /**
     * Reads what a package owns.
     *
     * @throws MalformedState when a path can lead out of the tree, or a file's fields are not in their order
     */
    void add(PackageKey key, ApkRecord record) throws MalformedState {
        Owned owned = new Owned(new ArrayList<>(), new HashMap<>());
        boolean short256 = Octets.indexOf(record.value('f'), (char) SHORT_SHA256) >= 0;
        Bytes directory = null;
        Bytes path = null;
        for (Bytes line : record.lines()) {
            Bytes value = Octets.tail(line, 2);
            switch (line.array()[0]) {
                case 'F' -> {
                    if (!value.isEmpty() && !OwnedPath.isPlain(value)) {
                        throw new MalformedState(file, "lists a directory that is none of a package: " + value);
                    }
                    directory = value;
                    path = null;
                    if (!value.isEmpty()) {
                        owned.paths().add(usr.real(value));
                    }
                }
                case 'R' -> {
                    if (directory == null || Octets.indexOf(value, '/') >= 0 || !OwnedPath.isPlain(value)) {
                        throw new MalformedState(file, "lists a file that is none of a package: " + value);
                    }
                    path = usr.real(Octets.below(directory, value));
                    owned.paths().add(path);
                }
                case 'Z' -> {
                    ApkDigest digest = ApkDigest.parse(value);
                    if (path == null || digest == null) {
                        throw new MalformedState(file, "has a checksum that cannot be read: " + value);
                    }
                    owned.sums().put(path, short256 ? new ApkDigest("SHA-256", digest.value()) : digest);
                }
                case 'M', 'a' -> {
                    boolean placed = line.array()[0] == 'M' ? directory != null : path != null;
                    if (!placed || !MODE.matcher(Octets.ascii(value)).matches()) {
                        throw new MalformedState(file, "has an owner and mode that cannot be read: " + value);
                    }
                }
                default -> {
                    // says something of the package
                }
            }
        }
        packages.put(key, owned);
    }

    @Override
    public List<Bytes> paths(PackageKey key) {
        return packages.getOrDefault(key, Owned.NONE).paths();
    }

    /** The files of a package that nobody is meant to edit. */
    List<Bytes> programs(PackageKey key) {
        Owned owned = packages.getOrDefault(key, Owned.NONE);
        return owned.sums().keySet().stream()
                .filter(path -> !owners.contains(path))
                .toList();
    }

    @Override
    public boolean holdsOriginal(PackageKey key, Bytes path) throws LinuxException, NodeException {
        ApkDigest digest = packages.getOrDefault(key, Owned.NONE).sums().get(path);
        return digest != null && Checksum.matches(tree, path, digest.algorithm(), digest.value());
    }

    @Override
    public boolean isConfiguration(PackageKey key, Bytes path) {
        return packages.getOrDefault(key, Owned.NONE).sums().containsKey(path) && owners.contains(path);
    }
}
