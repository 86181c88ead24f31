package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Packages of apk that are installed together, and what their owner asked for. */
final class ApkSet implements Relations {
    /** Stands for the owner, who asks for packages too. */
    static final PackageKey OWNER = new PackageKey("etc/apk/world", "");

    /** Alpine has not much more packages altogether, with ten relations each. */
    private static final int RELATIONS = 1 << 18;

    /** Programs of one name are in two or three packages. */
    private static final int PROVIDERS = 256;

    private final Map<String, List<Provided>> byName = new HashMap<>();
    private final Map<PackageKey, List<ApkDependency>> asked = new LinkedHashMap<>();

    /** A name that an installed package answers to; the version is empty when it provides none. */
    private record Provided(PackageKey by, String version, Bytes build) {}

    /**
     * @param path of the database, for messages
     * @throws MalformedState when a relation cannot be read, or there are more than any system has
     */
    ApkSet(Bytes path, Collection<InstalledPackage<ApkRecord>> packages, ApkWorld world) throws MalformedState {
        int count = 0;
        for (InstalledPackage<ApkRecord> one : packages) {
            List<ApkDependency> needs = ApkDependency.parse(path, one.record().value('D'));
            List<ApkDependency> provides =
                    ApkDependency.parse(path, one.record().value('p'));
            asked.put(one.key(), needs);
            add(path, one.key().name(), new Provided(one.key(), Octets.ascii(one.version()), one.build()));
            for (ApkDependency provided : provides) {
                add(path, provided.name(), new Provided(one.key(), provided.version(), one.build()));
            }
            count += needs.size() + provides.size();
            if (count > RELATIONS) {
                throw new MalformedState(path, "has more than " + RELATIONS + " relations of packages");
            }
        }
        asked.put(OWNER, world.all());
    }

    private void add(Bytes path, String name, Provided provided) throws MalformedState {
        List<Provided> all = byName.computeIfAbsent(name, n -> new ArrayList<>());
        all.add(provided);
        if (all.size() > PROVIDERS) {
            throw new MalformedState(path, "has more than " + PROVIDERS + " packages that provide " + Octets.of(name));
        }
    }

    @Override
    public Set<PackageKey> named(String name) {
        Set<PackageKey> keys = new LinkedHashSet<>();
        byName.getOrDefault(name, List.of()).forEach(provided -> keys.add(provided.by()));
        return keys;
    }

    @Override
    public List<Broken> broken() {
        List<Broken> broken = new ArrayList<>();
        asked.forEach((key, dependencies) -> {
            for (ApkDependency dependency : dependencies) {
                if (isPresent(key, dependency) == dependency.excludes()) {
                    String field = dependency.excludes() ? "Conflicts" : "Depends";
                    broken.add(new Broken(key, field, dependency.text(), Set.of(dependency.name())));
                }
            }
        });
        byName.forEach((name, provided) -> {
            // A name with a version is of one package at a time, its own or provided.
            Set<PackageKey> holders = new LinkedHashSet<>();
            provided.stream().filter(each -> !each.version().isEmpty()).forEach(each -> holders.add(each.by()));
            if (holders.size() > 1) {
                holders.forEach(holder -> broken.add(new Broken(holder, "Provides", name, Set.of(name))));
            }
        });
        return broken;
    }

    /** What a package provides itself never excludes it. */
    private boolean isPresent(PackageKey of, ApkDependency dependency) {
        for (Provided provided : byName.getOrDefault(dependency.name(), List.of())) {
            boolean counts = !dependency.excludes() || !provided.by().equals(of);
            if (counts && dependency.means(provided.version(), provided.build())) {
                return true;
            }
        }
        return false;
    }
}
