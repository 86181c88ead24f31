package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.coupled.record.Difference;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.merge.Side;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a side has at a path what packages brought there, and nothing that somebody made of it. Databases of packages
 * have sums of contents at most, so links, directories, owners and modes are compared with what the old base has.
 */
final class LeftAlone {
    private static final Bytes USR = Bytes.utf8("usr/");
    private static final String SOURCE = "Source";

    private final PackageChoices choices;
    private final Map<Bytes, List<PackageKey>> bySource = new HashMap<>();
    private final Map<Bytes, Set<Bytes>> listed = new HashMap<>();

    LeftAlone(PackageChoices choices) {
        this.choices = choices;
    }

    /** Whether the new base has what a package of its own brought, or nothing as none lists it. */
    boolean inBase(Bytes path, @Nullable Identity base, List<PackageKey> of)
            throws LinuxException, NodeException, MalformedState {
        if (base == null || of.isEmpty()) {
            return base == null && of.isEmpty();
        }
        return base.type() != FileType.REGULAR || holdsOriginal(Side.NEW_BASE, path, of);
    }

    /**
     * Whether the sliver's owner left the path as it was, or as packages of the owner's brought it.
     *
     * @param overridden whether its owner and mode were set by the package manager's own means
     */
    boolean inSliver(
            Bytes path,
            @Nullable Identity before,
            @Nullable Identity base,
            @Nullable Identity own,
            List<PackageKey> of,
            boolean overridden)
            throws LinuxException, NodeException, MalformedState {
        if (own == null) {
            return of.isEmpty();
        }
        if (Difference.same(before, own)) {
            return true;
        }
        return switch (own.type()) {
            case REGULAR -> (overridden || isDescribedAlike(before, base, own)) && holdsOriginal(Side.SLIVER, path, of);
            case DIRECTORY -> isDescribedAlike(before, base, own);
            case SYMLINK -> isDescribedAlike(before, base, own) && leadsToOwn(path, own.target(), of);
            default -> false;
        };
    }

    /** Whether owner and mode are those of one of the bases; what neither base has may have any. */
    private static boolean isDescribedAlike(@Nullable Identity before, @Nullable Identity base, Identity own) {
        boolean asBefore = before != null && before.type() == own.type() && Difference.sameMetadata(before, own);
        boolean asBase = base != null && base.type() == own.type() && Difference.sameMetadata(base, own);
        return asBefore || asBase || (before == null && base == null);
    }

    private boolean holdsOriginal(Side side, Bytes path, List<PackageKey> of)
            throws LinuxException, NodeException, MalformedState {
        for (PackageKey key : of) {
            if (choices.table(side).files().holdsOriginal(key, path)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a link came with a package that the sliver's owner installed or upgraded, which is known by what it leads
     * to: a file of the same package, or of one that was made from the same source.
     */
    private boolean leadsToOwn(Bytes path, Bytes target, List<PackageKey> of)
            throws LinuxException, NodeException, MalformedState {
        Bytes there = resolved(path, target);
        for (PackageKey owner : of) {
            Set<Bytes> paths = isChanged(owner) ? listed(source(owner)) : Set.of();
            if (paths.contains(there) || paths.contains(Octets.concat(USR, there))) {
                return true;
            }
        }
        return false;
    }

    /** What the sliver's new packages of one source list. */
    private Set<Bytes> listed(Bytes source) throws LinuxException, NodeException, MalformedState {
        if (bySource.isEmpty()) {
            for (PackageKey key : choices.keys()) {
                if (isChanged(key)) {
                    bySource.computeIfAbsent(source(key), s -> new ArrayList<>())
                            .add(key);
                }
            }
        }
        Set<Bytes> known = listed.get(source);
        if (known == null) {
            known = new HashSet<>();
            for (PackageKey key : bySource.getOrDefault(source, List.of())) {
                known.addAll(choices.table(Side.SLIVER).files().paths(key));
            }
            listed.put(source, known);
        }
        return known;
    }

    private boolean isChanged(PackageKey key) {
        InstalledPackage own = choices.table(Side.SLIVER).get(key);
        return InstalledPackage.hasFiles(own)
                && !InstalledPackage.same(choices.table(Side.OLD_BASE).get(key), own);
    }

    /** The name of a package's source; its own where nothing else is said. */
    private Bytes source(PackageKey key) {
        InstalledPackage installed = choices.table(Side.SLIVER).get(key);
        List<Bytes> words =
                installed == null ? List.of() : Octets.words(installed.record().value(SOURCE));
        return words.isEmpty() ? Octets.of(key.name()) : words.get(0);
    }

    /** The path that a link leads to, as its text says. */
    private static Bytes resolved(Bytes path, Bytes target) {
        Deque<Bytes> names = new ArrayDeque<>();
        if (!target.startsWith("/")) {
            Octets.split(path, '/').forEach(names::addLast);
            names.removeLast();
        }
        for (Bytes name : Octets.split(target, '/')) {
            if (name.equals(Octets.of(".."))) {
                names.pollLast();
            } else if (!name.isEmpty() && !name.equals(Octets.of("."))) {
                names.addLast(name);
            }
        }
        return Octets.join(List.copyOf(names), "/");
    }
}
