package dev.veneer.node.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.SliverId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veneer export}. */
@Command(
        name = "export",
        description = {
            "Write what a sliver became as an OCI image, or its changes alone as a layer.",
            "The sliver's container must not run; its mount may stay. Only the store is read, and no lock is taken."
                    + " The directory comes into being whole, or not at all."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  veneer export sliver web --to /srv/oci/web",
            "  veneer export sliver web --to /srv/layers/web --format layer -o json"
        })
public final class ExportCommand extends VeneerCommand {
    /** What Java makes of bytes of an argument that are not UTF-8: it would name another directory. */
    private static final char UNREADABLE = '\ufffd';

    /** Exports. */
    public interface Exporting {
        /**
         * Exports a sliver.
         *
         * @param to absolute path of a directory that is empty or not there
         */
        Result export(StoreOptions store, SliverId sliver, ExportFormat format, String to, Progress progress)
                throws NodeException, CommandException, IOException, InterruptedException;
    }

    /**
     * What was exported.
     *
     * @param digest of the image's manifest, or of the layer
     * @param bytes of all files written
     * @param paths entries of all layers, marks of what is gone included
     * @param socketsLeftOut sockets, which no archive holds
     */
    public record Result(String digest, long bytes, long paths, long socketsLeftOut) {}

    private final Exporting exporting;

    @Mixin
    private SliverArgument sliver = new SliverArgument();

    @Option(
            names = "--to",
            required = true,
            paramLabel = "DIR",
            description = "A directory that is not there yet, or is empty; its parent is there.")
    private Path to = Path.of("");

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "image",
            description = "image: an OCI image layout with the base and the changes. layer: the changes alone, as"
                    + " layer.tar.gz and descriptor.json (default: image).")
    private ExportFormat format = ExportFormat.IMAGE;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text or json (default: text).")
    private TextFormat output = TextFormat.TEXT;

    public ExportCommand(Exporting exporting) {
        this.exporting = exporting;
    }

    @Override
    int run() throws NodeException, CommandException, IOException, InterruptedException {
        String named = to.toString();
        if (named.isEmpty() || named.indexOf(UNREADABLE) >= 0) {
            throw usage("--to is " + (named.isEmpty() ? "empty; a directory is expected" : "not UTF-8"));
        }
        Path directory = to.toAbsolutePath().normalize();
        if (directory.getFileName() == null) {
            throw usage("--to is /; name a new directory");
        }
        SliverId id = sliver.id();
        Progress progress = new DrawnProgress(terminal().aside(), System::nanoTime);
        Result result;
        try {
            result = exporting.export(store(), id, format, directory.toString(), progress);
        } finally {
            progress.end();
        }
        String what = format.name().toLowerCase(Locale.ROOT);
        if (output == TextFormat.JSON) {
            ObjectNode node = Json.MAPPER.createObjectNode();
            node.put("digest", result.digest());
            node.put("bytes", result.bytes()).put("paths", result.paths());
            node.put("format", what).put("directory", directory.toString());
            node.put("socketsLeftOut", result.socketsLeftOut());
            Json.print(terminal().out(), node);
        } else {
            terminal()
                    .out()
                    .println("Exported sliver " + id + " to " + Terminal.printable(directory.toString()) + ": " + what
                            + " " + result.digest() + ", " + Quantities.bytes(result.bytes()) + ", " + result.paths()
                            + " paths." + (result.socketsLeftOut() == 0 ? "" : left(result.socketsLeftOut())));
        }
        return Outcome.DONE.status();
    }

    private static String left(long sockets) {
        return " Left out: " + sockets + (sockets == 1 ? " socket." : " sockets.");
    }
}
