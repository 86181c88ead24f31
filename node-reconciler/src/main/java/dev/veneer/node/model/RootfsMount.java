package dev.veneer.node.model;

import org.jspecify.annotations.Nullable;

/**
 * One mount of a sliver's root file system: what, where, for whom.
 *
 * @param store the mark of the store that it is of, which tells apart slivers of one name in several stores of the node
 * @param sliver whose
 * @param revision which revision of the writable store
 * @param spec what is mounted
 * @param target the absolute path of the rootfs directory
 * @param idRange the ids that the layers are mapped to, or null when they are mounted as they are
 */
public record RootfsMount(
        String store, SliverId sliver, int revision, MountSpec spec, String target, @Nullable IdRange idRange) {

    /**
     * The mount's {@code source}, by which it names itself in every mount table: {@code
     * veneer:NS/NAME@REVISION:STORE}, with {@code +FIRST} of the id range when it is mapped. (A bind mount cannot carry it; it is known by its root.)
     */
    public String label() {
        return "veneer:" + sliver + "@" + revision + ":" + store + (idRange == null ? "" : "+" + idRange.first());
    }
}
