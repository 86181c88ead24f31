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
 * @param reports what each node says, in the order of the nodes' names; of a node with several stores the best
 */
public record ImageUse(int slivers, Set<String> nodes, List<Report> reports) {
    public ImageUse {
        nodes = Set.copyOf(nodes);
        reports = List.copyOf(reports);
    }

    /**
     * What a node says of the base image.
     *
     * @param node the node
     * @param state how far it is there
     * @param digest the digest that the node computed
     * @param bytes the bytes that it takes there
     */
    public record Report(String node, StoredBaseImage.State state, @Nullable String digest, @Nullable Long bytes) {}
}
