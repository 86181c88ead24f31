package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.Stanza;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Packages of Debian and OpenWrt that are installed together. */
final class PackageSet implements Relations {
    private static final List<String> NEEDS = List.of("Pre-Depends", "Depends");

    /** So many relations that do not hold are looked at. */
    private static final int MOST_BROKEN = 1000;

    /** So many times a name is held against a package that answers to it; a real system needs some 100,000. */
    private static final long MOST_LOOKS = 20_000_000;

    private static final List<String> EXCLUDES = List.of("Conflicts", "Breaks");

    private final Bytes path;
    private final Map<String, List<Provided>> byName = new HashMap<>();
    private final Collection<InstalledPackage<Stanza>> packages;
    private long looked;

    /** A name that an installed package answers to; the version is empty when it provides none. */
    private record Provided(InstalledPackage<Stanza> by, String version, boolean real) {}

    /**
     * Reads the relations of packages.
     *
     * @param path of the database, for messages
     */
    static Reader<Stanza> in(Bytes path) {
        return (side, packages) -> new PackageSet(path, packages);
    }

    private PackageSet(Bytes path, Collection<InstalledPackage<Stanza>> all) throws MalformedState {
        this.path = path;
        this.packages = all.stream().filter(InstalledPackage::hasFiles).toList();
        for (InstalledPackage<Stanza> one : packages) {
            add(one.key().name(), new Provided(one, Octets.ascii(one.version()), true));
            for (List<Relation> group : Relation.parse(path, one.record().value("Provides"))) {
                for (Relation provided : group) {
                    add(provided.name(), new Provided(one, provided.version(), false));
                }
            }
        }
    }

    private void add(String name, Provided provided) {
        byName.computeIfAbsent(name, n -> new ArrayList<>()).add(provided);
    }

    @Override
    public Set<PackageKey> named(String name) {
        Set<PackageKey> keys = new LinkedHashSet<>();
        byName.getOrDefault(name, List.of())
                .forEach(provided -> keys.add(provided.by().key()));
        return keys;
    }

    @Override
    public List<Broken> broken() throws MalformedState {
        List<Broken> broken = new ArrayList<>();
        for (InstalledPackage<Stanza> one : packages) {
            for (String field : NEEDS) {
                for (List<Relation> group : Relation.parse(path, one.record().value(field))) {
                    if (!anyMet(one, group)) {
                        add(broken, broken(one, field, group));
                    }
                }
            }
            for (String field : EXCLUDES) {
                for (List<Relation> group : Relation.parse(path, one.record().value(field))) {
                    if (anyPresent(one, group)) {
                        add(broken, broken(one, field, group));
                    }
                }
            }
            if (!goesWithOtherInstances(one)) {
                String name = one.key().name();
                add(broken, new Broken(one.key(), "Multi-Arch", name, Set.of(name)));
            }
        }
        return broken;
    }

    private void add(List<Broken> broken, Broken one) throws MalformedState {
        if (broken.size() == MOST_BROKEN) {
            throw new MalformedState(path, "has more than " + MOST_BROKEN + " relations that do not hold");
        }
        broken.add(one);
    }

    private boolean anyMet(InstalledPackage<Stanza> one, List<Relation> group) throws MalformedState {
        for (Relation relation : group) {
            if (isMet(one, relation)) {
                return true;
            }
        }
        return false;
    }

    private boolean anyPresent(InstalledPackage<Stanza> one, List<Relation> group) throws MalformedState {
        for (Relation relation : group) {
            if (isPresent(one, relation)) {
                return true;
            }
        }
        return false;
    }

    private List<Provided> answering(String name) {
        return byName.getOrDefault(name, List.of());
    }

    private void look() throws MalformedState {
        if (++looked > MOST_LOOKS) {
            throw new MalformedState(path, "has more relations between packages than are looked at");
        }
    }

    private static Broken broken(InstalledPackage<Stanza> of, String field, List<Relation> group) {
        Set<String> names = new LinkedHashSet<>();
        List<String> texts = new ArrayList<>();
        for (Relation relation : group) {
            names.add(relation.name());
            texts.add(relation.toString());
        }
        return new Broken(of.key(), field, String.join(" | ", texts), names);
    }

    private boolean isMet(InstalledPackage<Stanza> of, Relation relation) throws MalformedState {
        for (Provided provided : answering(relation.name())) {
            look();
            boolean version =
                    !relation.isVersioned() || (!provided.version().isEmpty() && relation.holds(provided.version()));
            if (version && architectureFits(of, relation, provided.by())) {
                return true;
            }
        }
        return false;
    }

    private static boolean architectureFits(
            InstalledPackage<Stanza> of, Relation relation, InstalledPackage<Stanza> by) {
        String multi = multiArch(by);
        return switch (relation.qualifier()) {
            case "" -> by.key().architecture().equals(of.key().architecture()) || multi.equals("foreign");
            case "any" -> multi.equals("allowed");
            case "native" -> by.key().architecture().equals(of.key().architecture());
            default -> by.key().architecture().equals(relation.qualifier());
        };
    }

    private boolean isPresent(InstalledPackage<Stanza> of, Relation relation) throws MalformedState {
        for (Provided provided : answering(relation.name())) {
            look();
            boolean other = !provided.by().key().name().equals(of.key().name());
            boolean version =
                    !relation.isVersioned() || (!provided.version().isEmpty() && relation.holds(provided.version()));
            boolean architecture = relation.qualifier().isEmpty()
                    || relation.qualifier().equals("any")
                    || relation.qualifier().equals(provided.by().key().architecture());
            if (other && version && architecture) {
                return true;
            }
        }
        return false;
    }

    /** Instances of one package for several architectures are of one version, and each says that it can be. */
    private boolean goesWithOtherInstances(InstalledPackage<Stanza> one) throws MalformedState {
        for (Provided provided : answering(one.key().name())) {
            look();
            InstalledPackage<Stanza> other = provided.by();
            if (provided.real() && !other.key().equals(one.key())) {
                boolean both = multiArch(one).equals("same") && multiArch(other).equals("same");
                if (!both || !other.version().equals(one.version())) {
                    return false;
                }
            }
        }
        return true;
    }

    private static String multiArch(InstalledPackage<Stanza> installed) {
        return Octets.ascii(installed.record().value("Multi-Arch"));
    }
}
