package dev.veneer.node.plan;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/** A plan as people read it: a line an action with its reason, what cannot be done, and the sums. */
public final class PlanText {
    private PlanText() {}

    /** The whole plan. */
    public static String of(Plan plan) {
        StringBuilder text = new StringBuilder();
        for (Action action : plan.actions()) {
            text.append(line(action)).append('\n');
        }
        for (Finding finding : plan.findings()) {
            text.append(line(finding)).append('\n');
        }
        return text.append(summary(plan)).append('\n').toString();
    }

    /** One action: sign, object, verb, detail and reason. */
    public static String line(Action action) {
        ActionWords words = ActionWords.of(action);
        return words.sign()
                + " "
                + action.object()
                + ": "
                + words.verb()
                + (words.detail().isEmpty() ? "" : " (" + words.detail() + ")")
                + ": "
                + action.reason();
    }

    /** One finding. */
    public static String line(Finding finding) {
        return "! " + finding.object() + ": " + finding.reason() + ": " + finding.message();
    }

    /** The sums, on one line. */
    public static String summary(Plan plan) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (Action action : plan.actions()) {
            counts.merge(ActionWords.of(action).counted(), 1, Integer::sum);
        }
        StringJoiner sums = new StringJoiner(", ");
        counts.forEach((what, count) -> sums.add(count + " " + what));
        String actions = counts.isEmpty() ? "Nothing to do." : "Plan: " + sums + ".";
        return plan.findings().isEmpty()
                ? actions
                : actions + " Not as declared: " + plan.findings().size() + ".";
    }
}
