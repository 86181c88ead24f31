package dev.veneer.node.app;

import dev.veneer.node.cli.CommandException;
import dev.veneer.node.cli.Outcome;
import dev.veneer.node.cli.Progress;
import dev.veneer.node.cli.StoreCommand;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.store.Finding;
import dev.veneer.node.store.Store;
import dev.veneer.node.store.StoreCheck;
import dev.veneer.node.store.StoreLockedException;
import dev.veneer.node.store.StoreRepair;
import dev.veneer.node.store.StoreView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** {@code veneer store}: looks for damage, repairs what is safe, and makes the index anew. */
public final class Caring implements StoreCommand.StoreCare {
    private static final String REPAIR = "veneer store check --repair";

    @Override
    public List<StoreCommand.Damage> check(StoreOptions store, boolean contents, Progress progress)
            throws NodeException {
        return findings(store, contents, progress).stream()
                .map(finding -> new StoreCommand.Damage(
                        finding.kind().name(),
                        finding.path(),
                        finding.message(),
                        finding.remedy(),
                        finding.kind().severity() == Finding.Severity.LEFTOVER))
                .toList();
    }

    @Override
    public List<String> repair(StoreOptions store, boolean contents, Progress progress)
            throws NodeException, CommandException {
        LinuxCalls calls = new JnrLinuxCalls();
        if (Store.isAbsent(calls, store.directory())) {
            throw Store.absent(store.directory());
        }
        try {
            List<String> done = new ArrayList<>(open(calls, store));
            done.addAll(new StoreRepair(calls, store.directory()).run(findings(store, contents, progress), REPAIR));
            return done;
        } catch (StoreLockedException e) {
            throw new CommandException(Outcome.LOCKED, String.valueOf(e.getMessage()));
        }
    }

    /** Lost records come back from the index, as whenever a store is opened: before the index itself is put right. */
    private static List<String> open(LinuxCalls calls, StoreOptions options) throws StoreLockedException {
        try (Store store = Store.open(calls, options.directory(), REPAIR)) {
            return store.recovery().notes();
        } catch (NodeException e) {
            return List.of(); // what keeps it from opening is among the findings
        }
    }

    private static List<Finding> findings(StoreOptions store, boolean contents, Progress progress)
            throws NodeException {
        LinuxCalls calls = new JnrLinuxCalls();
        if (Store.isAbsent(calls, store.directory())) {
            throw Store.absent(store.directory());
        }
        AtomicLong read = new AtomicLong();
        return new StoreCheck(calls, store.directory()).run(contents, (digest, count) -> {
            progress.begin("reading base " + digest.brief(), count, Progress.Unit.THINGS);
            progress.reached(read.getAndIncrement());
        });
    }

    @Override
    public String rebuildIndex(StoreOptions store, Progress progress) throws NodeException, CommandException {
        try (NodeParts node = NodeParts.openExisting(store.directory(), "veneer store rebuild-index")) {
            StoreView view = node.store().rebuildIndex();
            return "The index has slivers: " + view.slivers().size() + ", base images: "
                    + view.images().size() + ", bases: " + view.bases().size() + ".";
        } catch (StoreLockedException e) {
            throw new CommandException(Outcome.LOCKED, String.valueOf(e.getMessage()));
        }
    }
}
