package dev.veneer.node.model;

import java.util.List;

/**
 * What a driver wants mounted as a sliver's root file system. A description only: drivers return it, the observer
 * compares it with the mount table, and only the executor mounts. Paths are absolute and lie in the store.
 */
public sealed interface MountSpec {
    /**
     * An overlay with every optional feature off.
     *
     * @param lowers read-only layers, topmost first
     * @param layers the directory that holds upper and work, so that one detached mount of it serves both
     * @param upper name of the upper directory in {@code layers}
     * @param work name of the work directory in {@code layers}
     */
    record Overlay(List<String> lowers, String layers, String upper, String work) implements MountSpec {
        public Overlay {
            lowers = List.copyOf(lowers);
        }
    }

    /**
     * A directory or subvolume, bind mounted, with {@code nosuid}, {@code nodev} and {@code noexec} of the store's own
     * mount cleared.
     */
    record Bind(String directory) implements MountSpec {}
}
