package dev.veneer.controller.app;

import dev.veneer.api.Durations;
import dev.veneer.controller.decide.Heartbeat;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The command. */
@Command(
        name = "veneer-controller",
        description =
                "Adds up what the agents of a cluster report, protects base images in use, and tells which nodes are lost.",
        mixinStandardHelpOptions = true,
        version = "see the image's tag")
public final class Main implements Callable<Integer> {
    @Option(
            names = "--node-gone-after",
            paramLabel = "DURATION",
            defaultValue = "24h",
            description =
                    "After this time without Node object and Lease a node is gone for ever, and deletions no longer"
                            + " wait for it (default: ${DEFAULT-VALUE}).")
    private String goneAfter = "24h";

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "How to reach the API server; as a pod does when absent.")
    private @Nullable Path kubeconfig;

    private Main() {}

    /** Runs until it is told to stop. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        Controller controller =
                Controller.start(config(), new Controller.Settings(goneAfter(), Heartbeat.LEAST, identity(), true));
        Thread ending = new Thread(
                () -> {
                    controller.close();
                    told.countDown();
                },
                "ending");
        Runtime.getRuntime().addShutdownHook(ending);
        told.await();
        return 0;
    }

    private Config config() throws IOException {
        return kubeconfig == null ? Config.autoConfigure(null) : Config.fromKubeconfig(Files.readString(kubeconfig));
    }

    private Duration goneAfter() {
        try {
            Duration duration = Durations.parse(goneAfter);
            if (duration.compareTo(Duration.ofMinutes(1)) >= 0) {
                return duration;
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(new CommandLine(this), "--node-gone-after: " + e.getMessage());
        }
        throw new ParameterException(
                new CommandLine(this),
                "--node-gone-after: " + goneAfter + " is less than a minute, which a node may be gone");
    }

    private static String identity() throws IOException {
        String pod = System.getenv("POD_NAME");
        return pod == null || pod.isEmpty() ? InetAddress.getLocalHost().getHostName() : pod;
    }
}
