package dev.veneer.node.plan;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Function;

/** A plan as people read it: a line an action with its reason, what cannot be done, and the sums. */
public final class PlanText {
    private PlanText() {}

    /** The whole plan. */
    public static String of(Plan plan) {
        return of(plan, action -> "");
    }

    /** The whole plan, with something more said of each action. */
    public static String of(Plan plan, Function<Action, String> more) {
        StringBuilder text = new StringBuilder();
        for (Action action : plan.actions()) {
            text.append(line(action)).append(more.apply(action)).append('\n');
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
        Map<String, ActionWords> kinds = new HashMap<>();
        for (Action action : plan.actions()) {
            ActionWords words = ActionWords.of(action);
            String kind = words.noun() + ' ' + words.end();
            kinds.put(kind, words);
            counts.merge(kind, 1, Integer::sum);
        }
        StringJoiner sums = new StringJoiner(", ");
        counts.forEach((kind, count) -> {
            ActionWords words = kinds.get(kind);
            if (words != null) {
                sums.add(words.count(count));
            }
        });
        String actions = counts.isEmpty() ? "Nothing to do." : "Plan: " + sums + ".";
        return plan.findings().isEmpty()
                ? actions
                : actions + " Not as declared: " + plan.findings().size() + ".";
    }
}
