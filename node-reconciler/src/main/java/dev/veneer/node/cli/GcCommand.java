package dev.veneer.node.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.SliverId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code veneer gc}. */
@Command(
        name = "gc",
        description = "Collect what nothing needs any more, and tell of everything that is kept what keeps it.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  veneer gc --dry-run",
            "  veneer gc -o json",
            "  veneer gc --orphans",
            "  veneer gc --orphans --all --confirm",
            "  veneer gc --orphans default/web lab/db --confirm"
        })
public final class GcCommand extends VeneerCommand {
    /** Collects. */
    public interface Collecting {
        /** Removes what nothing needs, or with {@code dryRun} only says so; tells all that it looked at. */
        List<Item> collect(StoreOptions store, boolean dryRun, Progress progress)
                throws NodeException, CommandException, IOException, InterruptedException;

        /**
         * Tells of the slivers that nobody declares, and removes them when told to.
         *
         * @param named those that are meant; all of them when it is empty, but for what was kept on purpose
         */
        List<Item> orphans(StoreOptions store, Set<SliverId> named, boolean remove, Progress progress)
                throws NodeException, CommandException, IOException, InterruptedException;
    }

    /**
     * Something that could be collected.
     *
     * @param what as in {@code baseimage/debian-12}
     * @param removed whether it goes (or would go)
     * @param bytes what it takes on the disk; negative when that is not known
     * @param failed whether it should have gone and could not
     * @param reason why it goes, or what keeps it
     */
    public record Item(String what, boolean removed, long bytes, boolean failed, String reason) {}

    /** Of DNS. */
    private static final String LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";

    private final Collecting collecting;

    @Parameters(
            paramLabel = "NAMESPACE/NAME",
            arity = "0..*",
            description = "With --orphans: only these. What deletionPolicy Retain has kept goes only when it is named.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--dry-run", description = "Only say what would go.")
    private boolean dryRun;

    @Option(
            names = "--orphans",
            description =
                    "Tell of slivers that lie in the store and that nobody declares any more, instead of the rest: orphans,"
                            + " and what deletionPolicy Retain has kept. Needs the running agent, and in a cluster that its API server answers.")
    private boolean orphans;

    @Option(
            names = "--all",
            description =
                    "With --orphans: all orphans, but not what deletionPolicy Retain has kept; --confirm needs this"
                            + " where nothing is named.")
    private boolean all;

    @Option(
            names = "--confirm",
            description = "With --orphans: remove what is named, or with --all the orphans, with all their data, which"
                    + " cannot be undone.")
    private boolean confirm;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text or json (default: text).")
    private TextFormat output = TextFormat.TEXT;

    public GcCommand(Collecting collecting) {
        this.collecting = collecting;
    }

    @Override
    int run() throws NodeException, CommandException, IOException, InterruptedException {
        if (confirm && (!orphans || dryRun)) {
            throw usage("--confirm is for --orphans, without --dry-run");
        }
        if (!names.isEmpty() && !orphans) {
            throw usage("names are for --orphans");
        }
        if (all && (!orphans || !names.isEmpty())) {
            throw usage("--all is for --orphans, without names");
        }
        // No names may be what is left of a variable that is empty.
        if (confirm && !all && names.isEmpty()) {
            throw usage(
                    "--orphans --confirm removes what is named, and nothing is: name what is to go, as in default/web,"
                            + " or say --all to remove all orphans");
        }
        boolean tells = dryRun || (orphans && !confirm);
        Progress progress = new DrawnProgress(terminal().aside(), System::nanoTime);
        List<Item> items = orphans
                ? collecting.orphans(store(), named(), confirm, progress)
                : collecting.collect(store(), dryRun, progress);
        progress.end();
        if (output == TextFormat.JSON) {
            Json.print(terminal().out(), json(items, tells));
            return status(items);
        }
        if (items.isEmpty()) {
            terminal().out().println(orphans ? "There are no orphans." : "There is nothing to collect.");
            return Outcome.DONE.status();
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("WHAT", "VERDICT", "SIZE", "REASON"));
        for (Item item : items) {
            String verdict = item.failed() ? "failed" : !item.removed() ? "keep" : tells ? "would remove" : "removed";
            rows.add(List.of(
                    Terminal.printable(item.what()),
                    verdict,
                    item.bytes() < 0 ? "<unknown>" : Quantities.bytes(item.bytes()),
                    Terminal.printable(item.reason())));
        }
        Table.print(terminal().out(), rows);
        if (orphans && tells) {
            terminal()
                    .out()
                    .println("Nothing was removed; " + (names.isEmpty() ? "--all " : "")
                            + "--confirm removes what would go, with all its data.");
        }
        return status(items);
    }

    private Set<SliverId> named() {
        Set<SliverId> named = new TreeSet<>();
        for (String name : names) {
            if (!name.matches(LABEL + "/" + LABEL)) {
                throw usage("'" + name + "' is not NAMESPACE/NAME, as in default/web");
            }
            named.add(SliverId.parse(name));
        }
        return named;
    }

    private static int status(List<Item> items) {
        return (items.stream().anyMatch(Item::failed) ? Outcome.SOME_FAILED : Outcome.DONE).status();
    }

    private static ObjectNode json(List<Item> items, boolean dryRun) {
        ObjectNode whole = Json.MAPPER.createObjectNode();
        whole.put("dryRun", dryRun);
        ArrayNode list = whole.putArray("items");
        for (Item item : items) {
            ObjectNode entry = list.addObject();
            entry.put("what", item.what());
            entry.put("removed", item.removed());
            entry.put("failed", item.failed());
            if (item.bytes() >= 0) {
                entry.put("bytes", item.bytes());
            }
            entry.put("reason", item.reason());
        }
        return whole;
    }
}
