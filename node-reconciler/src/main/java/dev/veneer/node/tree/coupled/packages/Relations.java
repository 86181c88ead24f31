package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.merge.Side;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which of some packages, installed together, need or exclude which others, as their kind of database says it. */
interface Relations {
    /**
     * A relation that does not hold.
     *
     * @param of the package that has it, or what else asks for packages
     * @param field such as {@code Depends}; {@code Multi-Arch} for instances of one package that cannot be together
     * @param text the relation
     * @param names the names that it speaks of
     */
    record Broken(PackageKey of, String field, String text, Set<String> names) {}

    /** Those that answer to a name. */
    Set<PackageKey> named(String name);

    /** All relations that do not hold. */
    List<Broken> broken() throws MalformedState;

    /** Reads what packages say of each other. */
    @FunctionalInterface
    interface Reader<R> {
        /**
         * The relations of packages that are installed together.
         *
         * @param side whose packages these are; null for the merged set
         * @throws MalformedState when one cannot be read
         */
        Relations read(@Nullable Side side, Collection<InstalledPackage<R>> packages) throws MalformedState;
    }
}
