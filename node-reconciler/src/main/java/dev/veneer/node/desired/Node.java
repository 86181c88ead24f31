package dev.veneer.node.desired;

import dev.veneer.api.validation.ObjectValidator;
import dev.veneer.api.validation.Surroundings;
import java.util.Set;

/**
 * The node that objects are read for.
 *
 * @param name its name
 * @param storePath the absolute path of the store
 * @param drivers the drivers that there are
 */
public record Node(String name, String storePath, Set<String> drivers) {
    public Node {
        drivers = Set.copyOf(drivers);
    }

    /** The validation of objects that are read on this node. */
    ObjectValidator validator() {
        return new ObjectValidator(new Surroundings(name, "default", drivers));
    }
}
