package dev.veneer.node.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.failure.NodeException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code veneer doctor}. */
@Command(
        name = "doctor",
        description = {
            "Say what this machine and store can do, and how to mend what is missing.",
            "Tries the real thing in the store instead of guessing from versions."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  veneer doctor --store /srv/veneer",
            "  veneer doctor -o json | jq '.drivers[] | select(.available)'"
        })
public final class DoctorCommand extends VeneerCommand {
    /** Examines the machine. */
    public interface Doctor {
        /** Tries everything that can be tried without harm, and leaves nothing behind. */
        Diagnosis examine(StoreOptions store) throws NodeException, CommandException, IOException, InterruptedException;
    }

    /**
     * What was found.
     *
     * @param drivers each storage driver
     * @param machine everything else: kernel, rights, LXC, the store's file system
     */
    public record Diagnosis(List<Finding> drivers, List<Finding> machine) {}

    /**
     * One thing that works or does not.
     *
     * @param name of the driver or the thing
     * @param available whether it works
     * @param reason what was tried and found
     * @param remedy how to mend it; empty when it works
     */
    public record Finding(String name, boolean available, String reason, String remedy) {}

    private final Doctor doctor;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text or json (default: text).")
    private TextFormat output = TextFormat.TEXT;

    public DoctorCommand(Doctor doctor) {
        this.doctor = doctor;
    }

    /** Ends with 1 when no driver works: then nothing at all can be done here. */
    @Override
    int run() throws NodeException, CommandException, IOException, InterruptedException {
        Diagnosis diagnosis = doctor.examine(store());
        PrintStream out = terminal().out();
        if (output == TextFormat.JSON) {
            ObjectNode whole = Json.MAPPER.createObjectNode();
            whole.put("store", store().directory());
            json(whole.putArray("drivers"), diagnosis.drivers());
            json(whole.putArray("machine"), diagnosis.machine());
            Json.print(out, whole);
        } else {
            out.println("Drivers in " + Terminal.printable(store().directory()));
            diagnosis.drivers().forEach(this::text);
            out.println("Machine");
            diagnosis.machine().forEach(this::text);
        }
        boolean any = diagnosis.drivers().stream().anyMatch(Finding::available);
        return any ? Outcome.DONE.status() : Outcome.SOME_FAILED.status();
    }

    private void text(Finding finding) {
        String mark = finding.available()
                ? terminal().paint(Terminal.Colour.GREEN, "ok ")
                : terminal().paint(Terminal.Colour.RED, "no ");
        terminal().out().println("  " + mark + " " + finding.name() + ": " + Terminal.printable(finding.reason()));
        if (!finding.remedy().isEmpty()) {
            terminal().out().println("        to mend it: " + Terminal.printable(finding.remedy()));
        }
    }

    private static void json(ArrayNode list, List<Finding> findings) {
        for (Finding finding : findings) {
            ObjectNode entry = list.addObject();
            entry.put("name", finding.name());
            entry.put("available", finding.available());
            entry.put("reason", finding.reason());
            entry.put("remedy", finding.remedy());
        }
    }
}
