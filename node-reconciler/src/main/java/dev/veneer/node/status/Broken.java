package dev.veneer.node.status;

import dev.veneer.api.Reason;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.Problem;
import dev.veneer.node.model.SourceState;
import java.util.HashMap;
import java.util.Map;

/**
 * That the last declared version of an object is wrong.
 *
 * @param reason the reason
 * @param message why
 */
record Broken(Reason reason, String message) {
    /** The objects of which it is. */
    static Map<ObjectRef, Broken> of(SourceState source) {
        Map<ObjectRef, Broken> broken = new HashMap<>();
        for (Problem problem : source.problems()) {
            if (problem.warning() || problem.kind() == null || problem.object() == null) {
                continue;
            }
            for (ObjectRef.Kind kind : ObjectRef.Kind.values()) {
                if (kind.name().equals(problem.kind())) {
                    broken.putIfAbsent(
                            new ObjectRef(kind, problem.object()), new Broken(problem.reason(), problem.toString()));
                }
            }
        }
        return broken;
    }
}
