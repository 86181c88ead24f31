package dev.veneer.node.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.SliverId;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veneer diff}. */
@Command(
        name = "diff",
        description = "Show what a sliver's owner changed against its base image: A added, M modified, D deleted.",
        footerHeading = "%nExamples:%n",
        footer = {"  veneer diff sliver web", "  veneer diff sliver web -o json | jq -r '.changes[].path'"})
public final class DiffCommand extends VeneerCommand {
    /** Finds the changes. */
    public interface Comparing {
        /** The changes of a sliver against its base, ordered by path; reads only. */
        List<Change> diff(StoreOptions store, SliverId sliver)
                throws NodeException, CommandException, IOException, InterruptedException;
    }

    /** What became of a path. */
    public enum Mark {
        A,
        M,
        D
    }

    /**
     * One path that differs.
     *
     * @param mark what became of it
     * @param path the path in the sliver, from {@code /}; bytes that are not UTF-8 are replacement characters
     * @param pathBase64 the true bytes of a path that is not UTF-8; else null
     * @param type {@code file}, {@code directory}, {@code symlink}, {@code fifo}, {@code char}, {@code block} or {@code
     *     socket}: what it is now, or was when it is deleted
     * @param baseBytes a file's size in the base; null when it is none there
     * @param bytes a file's size now; null when it is none
     * @param what what differs, as in {@code content}, {@code mode}, {@code owner}, {@code xattr}; empty for A and D
     */
    public record Change(
            Mark mark,
            String path,
            @Nullable String pathBase64,
            String type,
            @Nullable Long baseBytes,
            @Nullable Long bytes,
            List<String> what) {
        /** A change of the path with these bytes. */
        public static Change of(
                Mark mark,
                byte[] path,
                String type,
                @Nullable Long baseBytes,
                @Nullable Long bytes,
                List<String> what) {
            String base64 = utf8(path) ? null : Base64.getEncoder().encodeToString(path);
            return new Change(
                    mark, new String(path, StandardCharsets.UTF_8), base64, type, baseBytes, bytes, List.copyOf(what));
        }

        private static boolean utf8(byte[] path) {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(path));
                return true;
            } catch (CharacterCodingException e) {
                return false;
            }
        }
    }

    private final Comparing comparing;

    @Mixin
    private SliverArgument sliver = new SliverArgument();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text or json (default: text).")
    private TextFormat output = TextFormat.TEXT;

    public DiffCommand(Comparing comparing) {
        this.comparing = comparing;
    }

    @Override
    int run() throws NodeException, CommandException, IOException, InterruptedException {
        List<Change> changes = comparing.diff(store(), sliver.id());
        if (output == TextFormat.JSON) {
            Json.print(terminal().out(), json(changes));
        } else {
            changes.forEach(change -> text(terminal().out(), change));
        }
        return Outcome.DONE.status();
    }

    private void text(PrintStream out, Change change) {
        Terminal.Colour colour =
                switch (change.mark()) {
                    case A -> Terminal.Colour.GREEN;
                    case M -> Terminal.Colour.YELLOW;
                    case D -> Terminal.Colour.RED;
                };
        Long before = change.baseBytes();
        Long after = change.bytes();
        StringBuilder line = new StringBuilder();
        line.append(terminal().paint(colour, change.mark().name())).append("  ");
        String base64 = change.pathBase64();
        line.append(
                base64 == null
                        ? Terminal.printable(change.path())
                        : Terminal.printable(Base64.getDecoder().decode(base64)));
        if (!"file".equals(change.type())) {
            line.append("  (").append(change.type()).append(')');
        }
        if (before != null && after != null) {
            line.append("  ")
                    .append(
                            before.equals(after)
                                    ? Quantities.bytes(after)
                                    : Quantities.bytes(before) + " -> " + Quantities.bytes(after));
        } else if (before != null || after != null) {
            line.append("  ").append(Quantities.bytes(before != null ? before : after == null ? 0 : after));
        }
        if (!change.what().isEmpty()) {
            line.append("  ").append(String.join(", ", change.what()));
        }
        out.println(line);
    }

    private ObjectNode json(List<Change> changes) {
        ObjectNode whole = Json.MAPPER.createObjectNode();
        whole.put("namespace", sliver.id().namespace());
        whole.put("name", sliver.id().name());
        ArrayNode list = whole.putArray("changes");
        for (Change change : changes) {
            ObjectNode entry = list.addObject();
            entry.put("change", change.mark().name());
            entry.put("path", change.path());
            if (change.pathBase64() != null) {
                entry.put("pathBase64", change.pathBase64());
            }
            entry.put("type", change.type());
            if (change.baseBytes() != null) {
                entry.put("baseBytes", change.baseBytes());
            }
            if (change.bytes() != null) {
                entry.put("bytes", change.bytes());
            }
            if (!change.what().isEmpty()) {
                change.what().forEach(entry.withArray("/what")::add);
            }
        }
        return whole;
    }
}
