package dev.veneer.controller.decide;

import dev.veneer.api.v1alpha1.StoredBaseImage;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who uses a base image, and what nodes say of it.
 *
 * @param slivers how many slivers name it or stand on it
 * @param nodes the nodes of those that name it
 * @param silent those of all nodes that do not report: what they said last may not be so any more
 * @param reports what each node says, in the order of the nodes' names; of a node with several stores the best
 */
public record ImageUse(int slivers, Set<String> nodes, Set<String> silent, List<Report> reports) {
    public ImageUse {
        nodes = Set.copyOf(nodes);
        silent = Set.copyOf(silent);
        reports = List.copyOf(reports);
    }

    /**
     * What a node says of the base image.
     *
     * @param node the node
     * @param state how far it is there; null when this version does not know the word for it
     * @param digest the digest that the node computed
     * @param bytes the bytes that it takes there
     */
    public record Report(
            String node, StoredBaseImage.@Nullable State state, @Nullable String digest, @Nullable Long bytes) {}

    /**
     * Whether a row is about an object, and not about one of the same name that was there before. An older agent does not say
     * which object it means.
     */
    public static boolean isOf(StoredBaseImage row, String name, String uid) {
        return row.name().equals(name) && (row.uid() == null || row.uid().equals(uid));
    }
}
