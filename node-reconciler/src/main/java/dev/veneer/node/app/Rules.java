package dev.veneer.node.app;

import dev.veneer.node.cli.RulesCommand;
import dev.veneer.node.tree.coupled.BuiltInRules;
import dev.veneer.node.tree.merge.Side;
import java.util.List;
import java.util.Locale;

/** {@code veneer rules}. */
final class Rules implements RulesCommand.Rules {
    @Override
    public List<RulesCommand.Rule> all() {
        return BuiltInRules.all().stream()
                .map(rule -> new RulesCommand.Rule(
                        "/" + rule.pattern(),
                        title(rule.kind().name()),
                        rule.keeps() == Side.SLIVER ? "sliver" : "base",
                        String.join(" ", rule.rerun()),
                        rule.reason()))
                .toList();
    }

    private static String title(String name) {
        return name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT);
    }
}
