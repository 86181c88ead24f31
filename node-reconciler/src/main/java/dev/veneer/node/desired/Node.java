package dev.veneer.node.desired;

import dev.veneer.api.validation.ObjectValidator;
import dev.veneer.api.validation.Surroundings;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The node that objects are read for.
 *
 * @param name its name
 * @param storePath the absolute path of the store
 * @param drivers the drivers that there are
 * @param judges by place in a spec: what is wrong with a text in a language of its own, or null
 */
public record Node(
        String name, String storePath, Set<String> drivers, Map<String, Function<String, @Nullable String>> judges) {
    public Node {
        drivers = Set.copyOf(drivers);
        judges = Map.copyOf(judges);
    }

    /** The validation of objects that are read on this node. */
    ObjectValidator validator() {
        return new ObjectValidator(new Surroundings(name, "default", drivers, judges));
    }
}
