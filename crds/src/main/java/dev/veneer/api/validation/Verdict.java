package dev.veneer.api.validation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * What became of one object.
 *
 * @param canonical the object with apiVersion, kind, metadata and spec only, defaults filled in and fields sorted; empty
 *     when the object is refused
 * @param violations why it is refused
 * @param notices what was ignored
 */
public record Verdict(Optional<ObjectNode> canonical, List<Violation> violations, List<Violation> notices) {
    public Verdict {
        violations = List.copyOf(violations);
        notices = List.copyOf(notices);
    }
}
