package dev.veneer.node.app;

import dev.veneer.node.cli.SourceOptions;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.loop.PassResult;
import dev.veneer.node.loop.ReconcileLoop;
import dev.veneer.node.model.SliverId;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where an agent's desired state comes from, with whatever else that place has to be told. */
interface Feed extends AutoCloseable {
    FileInput input();

    /** What the agent does, in words. */
    String words();

    /** Files and directories whose changes are watched for. */
    List<String> paths();

    /** The loop that is to be woken, or ended. */
    default void into(ReconcileLoop loop) {}

    /** A pass is over. By the loop's thread. */
    default void passed(PassResult result) {}

    /** Why the loop was ended, when this did it; else null. */
    default @Nullable String ended() {
        return null;
    }

    /** Why a sliver that was not declared at the last reading is not to be removed for that, or null when it may. */
    default @Nullable String kept(SliverId id) {
        return null;
    }

    @Override
    default void close() {}

    /** The directory of the secrets that were named, or null. */
    static @Nullable String secrets(SourceOptions options) {
        Path given = options.secrets();
        return given == null ? null : given.toAbsolutePath().toString();
    }

    /** Files. */
    record OfFiles(FileInput input, List<String> paths) implements Feed {
        @Override
        public String words() {
            return "watching " + String.join(" ", paths);
        }
    }

    /** Opens one; for a cluster that may take until its API server has answered. */
    interface Opener {
        Feed open(NodeParts node) throws NodeException, InterruptedException, dev.veneer.node.cli.CommandException;
    }
}
