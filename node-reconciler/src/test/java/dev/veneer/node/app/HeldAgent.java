package dev.veneer.node.app;

import dev.veneer.node.cli.AgentCommand;
import dev.veneer.node.cli.Outcome;
import dev.veneer.node.cli.SourceOptions;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.model.Cadence;
import dev.veneer.node.testkit.HeldMounts;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** The whole agent of a cluster's node, in a thread of this process, with mounts that only it sees. */
final class HeldAgent implements Agent.Orders {
    final String node;
    private final Path home;
    private final HeldMounts mounts;
    private final Thread thread;
    private volatile @Nullable Runnable stop;
    private volatile String ended = "";

    /**
     * Starts it.
     *
     * @param kubeconfig how it is known to the API server
     * @param home an empty directory for its store, of its own
     */
    HeldAgent(Path kubeconfig, String node, Path home) throws IOException {
        this.node = node;
        this.home = Files.createDirectories(home);
        this.mounts = new HeldMounts(home.resolve("mountinfo"));
        this.thread = new Thread(() -> run(kubeconfig), "agent of " + node);
        thread.start();
    }

    private void run(Path kubeconfig) {
        StoreOptions store = CommandLine.populateCommand(
                new StoreOptions(), "--store", home.resolve("store").toString());
        AgentCommand.Settings settings = new AgentCommand.Settings(
                null, null, null, new AgentCommand.ClusterSettings(kubeconfig, node, "veneer-system"));
        try {
            Outcome outcome = new Agent(mounts::calls, this, Cadence.USUAL)
                    .run(store, new SourceOptions.PerhapsFiles(), settings);
            ended = "ended as " + outcome;
        } catch (Exception | Error e) {
            ended = "ended by " + e;
        }
    }

    @Override
    public Closeable follow(Runnable toStop, Runnable toReload) {
        stop = toStop;
        return () -> stop = null;
    }

    /** Why it runs no more; empty while it does. */
    String ended() {
        return ended;
    }

    /** Where its slivers are mounted. */
    Set<String> mounted() {
        return mounts.targets();
    }

    /** Asks it to stop, as a signal does. */
    void stop() {
        Runnable known = stop;
        if (known != null) {
            known.run();
        } else {
            thread.interrupt();
        }
    }

    /** Waits until it has, and lets go of what it has mounted. */
    void join() throws InterruptedException {
        thread.join(20_000);
        if (thread.isAlive()) {
            throw new AssertionError("the agent of " + node + " does not end");
        }
        mounts.close();
    }
}
