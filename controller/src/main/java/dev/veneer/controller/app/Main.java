package dev.veneer.controller.app;

import dev.veneer.api.Durations;
import dev.veneer.api.Installation;
import dev.veneer.api.access.BearerToken;
import dev.veneer.api.access.ServerCertificate;
import dev.veneer.controller.telemetry.Telemetry;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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

    @Option(
            names = "--system-namespace",
            paramLabel = "NAMESPACE",
            defaultValue = "${env:POD_NAMESPACE:-" + Installation.NAMESPACE + "}",
            description = "Where the Leases of the agents lie, and the controller's own (default: $POD_NAMESPACE, else "
                    + Installation.NAMESPACE + ").")
    private String namespace = Installation.NAMESPACE;

    @Option(
            names = "--health-address",
            paramLabel = "[HOST:]PORT",
            description = "Tell at /livez and /readyz there how it is, on every address of the machine when no host is"
                    + " given (default: nowhere).")
    private @Nullable String healthAddress;

    @Option(
            names = "--metrics-address",
            paramLabel = "[HOST:]PORT",
            description = "Serve Prometheus metrics at /metrics there, on loopback when no host is given (default:"
                    + " nowhere).")
    private @Nullable String metricsAddress;

    @Option(names = BearerToken.OPTION, paramLabel = "FILE", description = BearerToken.OPTION_HELP)
    private @Nullable Path metricsToken;

    @Option(
            names = ServerCertificate.CERTIFICATE_OPTION,
            paramLabel = "FILE",
            description = ServerCertificate.CERTIFICATE_HELP)
    private @Nullable Path metricsCertificate;

    @Option(names = ServerCertificate.KEY_OPTION, paramLabel = "FILE", description = ServerCertificate.KEY_HELP)
    private @Nullable Path metricsKey;

    private Main() {}

    /** Runs until it is told to stop. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        Controller.Settings settings = Controller.Settings.usual(goneAfter(), namespace, identity());
        if (metricsToken != null && metricsAddress == null) {
            throw new ParameterException(new CommandLine(this), BearerToken.OPTION + " is for --metrics-address");
        }
        ServerCertificate certificate = certificate();
        Telemetry telemetry = new Telemetry();
        telemetry.serve(
                address("--health-address", healthAddress, "0.0.0.0"),
                address("--metrics-address", metricsAddress, "127.0.0.1"),
                metricsToken == null ? null : new BearerToken(metricsToken),
                certificate);
        Controller controller = Controller.start(config(), settings, telemetry);
        Thread ending = new Thread(
                () -> {
                    controller.close();
                    telemetry.close();
                    told.countDown();
                },
                "ending");
        Runtime.getRuntime().addShutdownHook(ending);
        told.await();
        return 0;
    }

    private @Nullable ServerCertificate certificate() {
        if (metricsCertificate == null && metricsKey == null) {
            return null;
        }
        if (metricsAddress == null || metricsCertificate == null || metricsKey == null) {
            throw new ParameterException(new CommandLine(this), ServerCertificate.TOGETHER);
        }
        try {
            Logger log = LoggerFactory.getLogger(Main.class);
            return new ServerCertificate(metricsCertificate, metricsKey, log::warn);
        } catch (IOException e) {
            throw new ParameterException(new CommandLine(this), "metrics over HTTPS: " + e.getMessage());
        }
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

    private @Nullable InetSocketAddress address(String option, @Nullable String text, String otherwise) {
        if (text == null) {
            return null;
        }
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon).replaceAll("^\\[|\\]$", "");
        String port = text.substring(colon + 1);
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535) {
            throw new ParameterException(
                    new CommandLine(this), option + " is '" + text + "', but must be PORT or HOST:PORT, as in :8081");
        }
        InetSocketAddress address = new InetSocketAddress(host.isEmpty() ? otherwise : host, Integer.parseInt(port));
        if (address.isUnresolved()) {
            throw new ParameterException(
                    new CommandLine(this), option + " names '" + host + "', which is no address of this machine");
        }
        return address;
    }

    private static String identity() throws IOException {
        String pod = System.getenv("POD_NAME");
        return pod == null || pod.isEmpty() ? InetAddress.getLocalHost().getHostName() : pod;
    }
}
