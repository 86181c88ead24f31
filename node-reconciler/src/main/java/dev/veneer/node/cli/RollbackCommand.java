package dev.veneer.node.cli;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.SliverId;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veneer rollback}. */
@Command(
        name = "rollback",
        description = {
            "Take a sliver back to an earlier revision of its writable store, or to a snapshot.",
            "What it is taken from is kept for spec.keepPrevious. Afterwards baseImage, driver and instanceSerial are"
                    + " not acted on until one of them is edited."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  veneer rollback sliver web",
            "  veneer rollback sliver web --to 3 -n lab",
            "  veneer get sliver web -o json | jq '.status.revisions, .status.snapshots'"
        })
public final class RollbackCommand extends VeneerCommand {
    /** Takes slivers back. */
    public interface RollingBack {
        /** To the revision that was in force before. */
        Outcome last(StoreOptions store, SliverId sliver, Progress progress)
                throws NodeException, CommandException, IOException, InterruptedException;

        /**
         * To a kept revision or a snapshot.
         *
         * @param revision its number, from 1
         */
        Outcome to(StoreOptions store, SliverId sliver, int revision, Progress progress)
                throws NodeException, CommandException, IOException, InterruptedException;
    }

    private final RollingBack rollingBack;

    @Mixin
    private SliverArgument sliver = new SliverArgument();

    @Option(
            names = "--to",
            paramLabel = "REVISION",
            description = "A number from status.revisions or status.snapshots (default: the revision that was in force"
                    + " before).")
    private @Nullable Integer to;

    public RollbackCommand(RollingBack rollingBack) {
        this.rollingBack = rollingBack;
    }

    @Override
    int run() throws NodeException, CommandException, IOException, InterruptedException {
        SliverId id = sliver.id();
        Integer revision = to;
        if (revision != null && revision < 1) {
            throw usage("--to takes the number of a revision, from 1: veneer describe sliver " + id.name()
                    + " lists those that are kept");
        }
        Progress progress = new DrawnProgress(terminal().aside(), System::nanoTime);
        Outcome outcome = revision == null
                ? rollingBack.last(store(), id, progress)
                : rollingBack.to(store(), id, revision, progress);
        return outcome.status();
    }
}
