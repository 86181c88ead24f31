package dev.veneer.node.cli;

import dev.veneer.node.failure.NodeException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The program {@code veneer}: the root of its commands. */
@Command(
        name = "veneer",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = "Thin writable root file systems (slivers) over shared read-only base images.",
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            " 0:done",
            " 1:some objects failed",
            " 2:changes are pending (plan --exit-code only)",
            " 3:held until a person answers",
            " 4:waiting, in use",
            "64:the command line is wrong",
            "75:the store is locked by another command"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  veneer plan  -f testbed/ --store /srv/veneer    what would be done, and why",
            "  veneer apply -f testbed/ --store /srv/veneer    do it",
            "  veneer get slivers -A -o wide                   what there is"
        })
public final class Veneer implements Runnable {
    /** Commands whose first arguments are a kind and a name. */
    private static final Set<String> OF_A_KIND =
            Set.of("get", "describe", "diff", "compact", "rebase", "rollback", "export");

    private final Terminal terminal;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Tell everything about a failure, with stack traces.")
    private boolean debug;

    private Veneer(Terminal terminal) {
        this.terminal = terminal;
    }

    /**
     * Runs one command and returns its exit status.
     *
     * @param commands instances of the command classes, in the order of the help
     */
    public static int run(Terminal terminal, List<Object> commands, String... arguments) {
        int status = commandLine(terminal, needed(commands, arguments)).execute(apart(arguments));
        IOException lost = terminal.out() instanceof ResultStream result ? result.lost() : null;
        if (lost == null) {
            return status;
        }
        terminal.err().println("veneer: the result cannot be written: " + lost.getMessage());
        return status == Outcome.DONE.status() ? Outcome.SOME_FAILED.status() : status;
    }

    /** {@code get sliver/web} is {@code get sliver web}, as with kubectl. */
    static String[] apart(String... arguments) {
        int slash = arguments.length > 1 && OF_A_KIND.contains(arguments[0]) ? arguments[1].indexOf('/') : -1;
        if (slash < 0 || Kind.called(arguments[1].substring(0, slash)).isEmpty()) {
            return arguments;
        }
        List<String> apart = new ArrayList<>(List.of(arguments));
        apart.set(1, arguments[1].substring(0, slash));
        apart.add(2, arguments[1].substring(slash + 1));
        return apart.toArray(String[]::new);
    }

    /** The one command that is named first; all of them where help or a mistake may need them. They take long to describe. */
    private static List<Object> needed(List<Object> commands, String... arguments) {
        for (Object command : commands) {
            Command described = command.getClass().getAnnotation(Command.class);
            if (described != null && arguments.length > 0 && described.name().equals(arguments[0])) {
                return List.of(command);
            }
        }
        return commands;
    }

    /**
     * The command line with these commands.
     *
     * @param commands instances of the command classes, in the order of the help
     */
    static CommandLine commandLine(Terminal terminal, List<Object> commands) {
        CommandLine line = new CommandLine(new Veneer(terminal));
        for (Object command : commands) {
            CommandLine sub = new CommandLine(command);
            if (command instanceof CommandGroup group) {
                group.commands().forEach(sub::addSubcommand);
            }
            line.addSubcommand(sub);
        }
        line.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(
                terminal.outColours() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setAbbreviatedOptionsAllowed(false);
        line.setExecutionExceptionHandler(Veneer::failed);
        line.setParameterExceptionHandler(Veneer::misused);
        return line;
    }

    /** Without a command there is nothing to do: the usage is the answer. */
    @Override
    public void run() {
        if (spec != null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
        }
    }

    Terminal terminal() {
        return terminal;
    }

    private static int failed(Exception failure, CommandLine line, CommandLine.@Nullable ParseResult parsed) {
        Veneer root = line.getCommandSpec().root().userObject() instanceof Veneer veneer ? veneer : null;
        if (failure instanceof CommandLine.ParameterException misuse) {
            return misused(misuse, line.getErr());
        }
        String message = failure.getMessage();
        boolean expected = failure instanceof CommandException
                || failure instanceof NodeException
                || failure instanceof IOException;
        String told = message == null ? failure.getClass().getSimpleName() : Terminal.printable(message);
        line.getErr().println("veneer: " + (expected ? "" : "this is a fault of Veneer: ") + told);
        if (root != null && root.debug) {
            failure.printStackTrace(line.getErr());
        } else if (!expected) {
            line.getErr().println("veneer: run the command again with --debug for the details of a report");
        }
        line.getErr().flush();
        if (failure instanceof CommandException known) {
            return known.outcome().status();
        }
        return failure instanceof NodeException node ? Outcome.of(node).status() : Outcome.SOME_FAILED.status();
    }

    private static int misused(CommandLine.ParameterException misuse, String[] arguments) {
        return misused(misuse, misuse.getCommandLine().getErr());
    }

    /** What is wrong; of words too many, what they were taken for. */
    private static String unmatched(CommandLine.ParameterException misuse) {
        String message = String.valueOf(misuse.getMessage());
        if (message.startsWith("Unknown option")
                || !(misuse instanceof CommandLine.UnmatchedArgumentException surplus)
                || surplus.getUnmatched().isEmpty()) {
            return message;
        }
        String word = surplus.getUnmatched().get(0);
        CommandLine line = misuse.getCommandLine();
        return line.getSubcommands().isEmpty()
                ? "'" + word + "' is one argument too many"
                : "there is no command '" + word + "'; there are "
                        + String.join(", ", line.getSubcommands().keySet());
    }

    private static int misused(CommandLine.ParameterException misuse, PrintWriter err) {
        CommandLine line = misuse.getCommandLine();
        String message = unmatched(misuse);
        String start = message.isEmpty() ? "" : message.substring(0, 1).toLowerCase(Locale.ROOT);
        err.println("veneer: " + Terminal.printable(start + message.substring(start.length())));
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(misuse, err)) {
            err.println(line.getHelp().fullSynopsis().stripTrailing());
        }
        err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        err.flush();
        return Outcome.USAGE.status();
    }
}
