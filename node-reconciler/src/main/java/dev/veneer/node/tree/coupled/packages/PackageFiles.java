package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.MalformedState;
import java.util.List;

/** Which files the packages of one tree own. */
interface PackageFiles {
    /**
     * The paths that a package lists, directories included; none of a package that the tree does not have.
     *
     * @throws MalformedState when the list cannot be, such as a path that leads out of the tree
     */
    List<Bytes> paths(PackageKey key) throws LinuxException, NodeException, MalformedState;

    /** Whether the regular file that the tree has at a path, which the package lists, holds what the package brought there. */
    boolean holdsOriginal(PackageKey key, Bytes path) throws LinuxException, NodeException, MalformedState;

    /** Whether the package marks the path as configuration, which its owner is meant to edit. */
    boolean isConfiguration(PackageKey key, Bytes path) throws LinuxException, NodeException, MalformedState;
}
