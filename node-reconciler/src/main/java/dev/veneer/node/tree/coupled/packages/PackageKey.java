package dev.veneer.node.tree.coupled.packages;

/**
 * What tells an installed package from the others.
 *
 * @param name of the package
 * @param architecture that it is for; the machine's own for packages that are for all
 */
record PackageKey(String name, String architecture) {
    @Override
    public String toString() {
        return name + ":" + architecture;
    }
}
