package dev.veneer.node.status;

import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.Problem;
import dev.veneer.node.model.SourceState;
import java.util.HashMap;
import java.util.Map;

/** Which objects have a last declared version that is wrong, and why. */
final class Broken {
    private Broken() {}

    static Map<ObjectRef, String> of(SourceState source) {
        Map<ObjectRef, String> broken = new HashMap<>();
        for (Problem problem : source.problems()) {
            if (problem.warning() || problem.kind() == null || problem.object() == null) {
                continue;
            }
            for (ObjectRef.Kind kind : ObjectRef.Kind.values()) {
                if (kind.name().equals(problem.kind())) {
                    broken.putIfAbsent(new ObjectRef(kind, problem.object()), problem.toString());
                }
            }
        }
        return broken;
    }
}
