package dev.veneer.node.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.failure.NodeException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code veneer store}: the group of the commands that care for a store. */
@Command(name = "store", description = "Look after the node store itself.", synopsisSubcommandLabel = "COMMAND")
public final class StoreCommand implements CommandGroup {
    /** Looks after a store. */
    public interface StoreCare {
        /**
         * Looks for damage; writes nothing.
         *
         * @param contents whether every file of the base images is read and compared with its digest
         */
        List<Damage> check(StoreOptions store, boolean contents, Progress progress)
                throws NodeException, CommandException, IOException, InterruptedException;

        /**
         * Puts right what a check finds, where that cannot cost anything; returns what was done, a line each.
         *
         * @param contents as for the check
         */
        List<String> repair(StoreOptions store, boolean contents, Progress progress)
                throws NodeException, CommandException, IOException, InterruptedException;

        /** Makes the index anew from what the store holds; returns a sentence that says what it found. */
        String rebuildIndex(StoreOptions store, Progress progress)
                throws NodeException, CommandException, IOException, InterruptedException;
    }

    /**
     * Something in the store that is not as it should be.
     *
     * @param what its sort, in CamelCase, for programs
     * @param path where, below the store
     * @param message what is wrong
     * @param remedy what to do about it
     * @param harmless whether nothing is lost and it goes by itself with the next change
     */
    public record Damage(String what, String path, String message, String remedy, boolean harmless) {}

    private final StoreCare care;

    @Spec
    private @Nullable CommandSpec spec;

    public StoreCommand(StoreCare care) {
        this.care = care;
    }

    /** Without a sub-command there is nothing to do. */
    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "a command is missing");
        }
    }

    @Override
    public List<Object> commands() {
        return List.of(new Check(care), new RebuildIndex(care));
    }

    /** {@code veneer store check}. */
    @Command(
            name = "check",
            description = "Look for damage. Changes nothing without --repair; ends with 1 when there is any (left).",
            footerHeading = "%nExamples:%n",
            footer = {"  veneer store check --store /srv/veneer", "  veneer store check --contents -o json"})
    static final class Check extends VeneerCommand {
        private final StoreCare care;

        @Option(names = "--contents", description = "Read every file of the base images and compare its digest.")
        private boolean contents;

        @Option(
                names = "--repair",
                description = "First put right what can be without losing anything; never removes anybody's data.")
        private boolean repair;

        @Option(
                names = {"-o", "--output"},
                paramLabel = "FORMAT",
                defaultValue = "text",
                description = "text or json (default: text).")
        private TextFormat output = TextFormat.TEXT;

        Check(StoreCare care) {
            this.care = care;
        }

        @Override
        int run() throws NodeException, CommandException, IOException, InterruptedException {
            Progress progress = new DrawnProgress(terminal().aside(), System::nanoTime);
            if (repair) {
                for (String done : care.repair(store(), contents, progress)) {
                    terminal().err().println("repaired: " + Terminal.printable(done));
                }
            }
            List<Damage> damages = care.check(store(), contents, progress);
            progress.end();
            if (output == TextFormat.JSON) {
                ObjectNode whole = Json.MAPPER.createObjectNode();
                ArrayNode list = whole.putArray("damages");
                for (Damage damage : damages) {
                    ObjectNode entry = list.addObject();
                    entry.put("what", damage.what());
                    entry.put("path", damage.path());
                    entry.put("message", damage.message());
                    entry.put("remedy", damage.remedy());
                    entry.put("harmless", damage.harmless());
                }
                Json.print(terminal().out(), whole);
            } else if (damages.isEmpty()) {
                terminal().out().println("No damage found in " + Terminal.printable(store().directory()) + ".");
            } else {
                damages.forEach(this::text);
            }
            boolean sound = damages.stream().allMatch(Damage::harmless);
            return (sound ? Outcome.DONE : Outcome.SOME_FAILED).status();
        }

        private void text(Damage damage) {
            String what = damage.harmless()
                    ? damage.what() + " (harmless)"
                    : terminal().paint(Terminal.Colour.RED, damage.what());
            terminal()
                    .out()
                    .println(what + "  " + Terminal.printable(damage.path()) + ": "
                            + Terminal.printable(damage.message()));
            if (!damage.remedy().isEmpty()) {
                terminal().out().println("        to mend it: " + Terminal.printable(damage.remedy()));
            }
        }
    }

    /** {@code veneer store rebuild-index}. */
    @Command(
            name = "rebuild-index",
            description = "Make the store's index anew from what the store holds.",
            footerHeading = "%nExamples:%n",
            footer = "  veneer store rebuild-index --store /srv/veneer")
    static final class RebuildIndex extends VeneerCommand {
        private final StoreCare care;

        RebuildIndex(StoreCare care) {
            this.care = care;
        }

        @Override
        int run() throws NodeException, CommandException, IOException, InterruptedException {
            Progress progress = new DrawnProgress(terminal().aside(), System::nanoTime);
            String found = care.rebuildIndex(store(), progress);
            progress.end();
            terminal().out().println(Terminal.printable(found));
            return Outcome.DONE.status();
        }
    }
}
