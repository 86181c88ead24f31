package dev.veneer.node.status;

import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.Finding;
import dev.veneer.node.plan.Plan;
import dev.veneer.node.plan.PlanInput;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Findings, pending actions and results by object. */
final class Situations {
    private final Map<ObjectRef, List<Finding>> findings = new HashMap<>();
    private final Map<ObjectRef, List<Action>> pending = new HashMap<>();
    private final Map<ObjectRef, List<ActionResult>> results = new HashMap<>();

    static Map<ObjectRef, Situation> of(PlanInput input, Plan left, List<ActionResult> done) {
        Situations all = new Situations();
        left.findings().forEach(f -> all.findings
                .computeIfAbsent(f.object(), unused -> new ArrayList<>())
                .add(f));
        left.actions().forEach(a -> all.pending
                .computeIfAbsent(a.object(), unused -> new ArrayList<>())
                .add(a));
        done.forEach(r -> all.results
                .computeIfAbsent(r.action().object(), unused -> new ArrayList<>())
                .add(r));
        String hold = input.desired().source().hold();
        Map<ObjectRef, Broken> broken = Broken.of(input.desired().source());
        Map<ObjectRef, Situation> situations = new HashMap<>();
        List<Map<ObjectRef, ?>> maps = List.of(all.findings, all.pending, all.results, broken);
        for (Map<ObjectRef, ?> map : maps) {
            for (ObjectRef ref : map.keySet()) {
                situations.computeIfAbsent(
                        ref,
                        object -> new Situation(
                                all.findings.getOrDefault(object, List.of()),
                                all.pending.getOrDefault(object, List.of()),
                                all.results.getOrDefault(object, List.of()),
                                broken.get(object),
                                hold));
            }
        }
        return situations;
    }
}
