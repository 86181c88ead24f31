package dev.veneer.node.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Makes the manual pages and the shell completion from the commands, so that they cannot say anything else. */
final class ManPages {
    private ManPages() {}

    /** All generated files: path below the project's directory, and text. */
    static Map<String, String> generate(CommandLine root) {
        Map<String, String> files = new TreeMap<>();
        pages(root, files);
        String completion = AutoComplete.bash("veneer", root);
        // The script says when and by which version it was made, which is nobody's business and changes.
        files.put(
                "completion/veneer.bash",
                completion
                        .lines()
                        .filter(line -> !line.startsWith("# Generated") && !line.contains("picocli.info"))
                        .map(String::stripTrailing)
                        .collect(Collectors.joining("\n", "", "\n")));
        return files;
    }

    private static void pages(CommandLine line, Map<String, String> files) {
        String name = name(line);
        files.put("man/" + name + ".1", page(line));
        line.getSubcommands().values().forEach(command -> pages(command, files));
    }

    private static String name(CommandLine line) {
        return line.getCommandSpec().qualifiedName("-");
    }

    private static String page(CommandLine line) {
        CommandSpec spec = line.getCommandSpec();
        UsageMessageSpec usage = spec.usageMessage();
        StringBuilder page = new StringBuilder();
        String name = name(line);
        page.append(".\\\" Generated from the commands: see CONTRIBUTING.md.\n");
        page.append(".TH ")
                .append(quote(name.toUpperCase(Locale.ROOT)))
                .append(" 1 \"\" \"Veneer\" \"Veneer manual\"\n");
        String first = usage.description().length == 0 ? "" : usage.description()[0];
        page.append(".SH NAME\n")
                .append(text(name))
                .append(" \\- ")
                .append(text(lowered(first)))
                .append('\n');
        page.append(".SH SYNOPSIS\n.nf\n");
        line.getHelp().synopsis(0).lines().forEach(each -> page.append(text(each))
                .append('\n'));
        page.append(".fi\n.SH DESCRIPTION\n");
        for (String sentence : usage.description()) {
            page.append(text(sentence)).append("\n");
        }
        commands(line, page);
        parameters(spec, page);
        options(spec, page);
        exitStatus(usage, page);
        examples(usage, page);
        seeAlso(line, page);
        return page.toString();
    }

    private static void commands(CommandLine line, StringBuilder page) {
        if (line.getSubcommands().isEmpty()) {
            return;
        }
        page.append(".SH COMMANDS\n");
        line.getSubcommands().forEach((name, command) -> {
            page.append(".TP\n.B ").append(text(name)).append('\n');
            page.append(text(String.join(
                            " ", command.getCommandSpec().usageMessage().description())))
                    .append('\n');
        });
    }

    private static void parameters(CommandSpec spec, StringBuilder page) {
        List<PositionalParamSpec> parameters = spec.positionalParameters();
        if (parameters.isEmpty()) {
            return;
        }
        page.append(".SH ARGUMENTS\n");
        for (PositionalParamSpec parameter : parameters) {
            page.append(".TP\n.I ").append(text(parameter.paramLabel())).append('\n');
            page.append(text(String.join(" ", parameter.description()))).append('\n');
        }
    }

    private static void options(CommandSpec spec, StringBuilder page) {
        page.append(".SH OPTIONS\n");
        for (OptionSpec option : spec.options()) {
            if (option.hidden()) {
                continue;
            }
            page.append(".TP\n");
            String names = java.util.Arrays.stream(option.names())
                    .map(name -> "\\fB" + text(name) + "\\fR")
                    .collect(Collectors.joining(", "));
            page.append(names);
            if (option.arity().max() > 0) {
                page.append(" \\fI").append(text(option.paramLabel())).append("\\fR");
            }
            page.append('\n')
                    .append(text(String.join(" ", option.description())))
                    .append('\n');
        }
    }

    private static void exitStatus(UsageMessageSpec usage, StringBuilder page) {
        page.append(".SH EXIT STATUS\n");
        usage.exitCodeList().forEach((status, meaning) -> page.append(".TP\n.B ")
                .append(status.strip())
                .append('\n')
                .append(text(meaning))
                .append('\n'));
    }

    private static void examples(UsageMessageSpec usage, StringBuilder page) {
        if (usage.footer().length == 0) {
            return;
        }
        page.append(".SH EXAMPLES\n.nf\n");
        for (String example : usage.footer()) {
            page.append(text(example.strip())).append('\n');
        }
        page.append(".fi\n");
    }

    private static void seeAlso(CommandLine line, StringBuilder page) {
        CommandLine parent = line.getParent();
        if (parent == null) {
            return;
        }
        String others = parent.getSubcommands().values().stream()
                .filter(command -> command != line)
                .map(command -> "\\fB" + text(name(command)) + "\\fR(1)")
                .collect(Collectors.joining(",\n"));
        page.append(".SH SEE ALSO\n\\fB").append(text(name(parent))).append("\\fR(1)");
        page.append(others.isEmpty() ? "" : ",\n" + others).append('\n');
    }

    private static String lowered(String sentence) {
        String bare = sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
        return bare.isEmpty() ? bare : bare.substring(0, 1).toLowerCase(Locale.ROOT) + bare.substring(1);
    }

    private static String quote(String text) {
        return '"' + text(text) + '"';
    }

    /** Text as roff takes it: a backslash starts a command, so does a dot or an apostrophe that begins a line. */
    private static String text(String text) {
        String plain = text.replace("$$", "$").replace("%n", " ").replace("%%", "%");
        String escaped = plain.replace("\\", "\\e").replace("-", "\\-");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }
}
