package dev.veneer.node.cli;

import dev.veneer.api.access.BearerToken;
import dev.veneer.api.access.ServerCertificate;
import dev.veneer.node.failure.NodeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veneer agent}. */
@Command(
        name = "agent",
        description = {
            "Keep the node agreeing with what is declared, until told to stop.",
            "SIGTERM finishes the step at hand and leaves mounts and containers; SIGHUP reads everything again."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  veneer agent -f /etc/veneer/ --log-format json",
            "  veneer agent -f /etc/veneer/ --metrics-address 127.0.0.1:9464",
            "  veneer agent --kubernetes --kubeconfig /etc/veneer/kubeconfig --node-name node-1"
        })
public final class AgentCommand extends VeneerCommand {
    /** Keeps the node as declared. */
    public interface Agent {
        /** Returns when it was told to stop and has finished the step at hand. */
        Outcome run(StoreOptions store, SourceOptions sources, Settings settings)
                throws NodeException, CommandException, IOException, InterruptedException;
    }

    /**
     * What else the agent was told.
     *
     * @param resync how often to look at everything again although nothing woke it; null: as the NodeStore says
     * @param metrics where to serve metrics; null: nowhere
     * @param healthAddress where to tell whether it lives and is ready; null: nowhere
     * @param cluster where the desired state is read from instead of files, or null
     */
    public record Settings(
            @Nullable Duration resync,
            @Nullable MetricsSettings metrics,
            @Nullable InetSocketAddress healthAddress,
            @Nullable ClusterSettings cluster) {}

    /**
     * Where metrics are served.
     *
     * @param address where
     * @param token the file of the token that has to be shown; null: to whoever reaches the address
     * @param certificate what HTTPS shows; null: plain HTTP
     */
    public record MetricsSettings(
            InetSocketAddress address, @Nullable Path token, @Nullable ServerCertificate certificate) {}

    /**
     * The cluster that the agent belongs to.
     *
     * @param kubeconfig a file that says how its API server is reached; null: as a pod is told
     * @param nodeName the name of this node there; empty for the host's
     * @param namespace where the Leases of the agents lie
     */
    public record ClusterSettings(@Nullable Path kubeconfig, String nodeName, String namespace) {}

    private final Agent agent;

    @Mixin
    private SourceOptions.PerhapsFiles sources = new SourceOptions.PerhapsFiles();

    @Mixin
    private LogOptions log = new LogOptions();

    @Option(
            names = "--resync",
            paramLabel = "DURATION",
            description =
                    "How often to look at everything again, as in 90s, 5m, 1h (default: as the NodeStore says, 5m).")
    private @Nullable String resync;

    @Option(
            names = "--metrics-address",
            paramLabel = "[HOST:]PORT",
            description = "Serve Prometheus metrics there, on loopback when no host is given (default: nowhere).")
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

    @Option(
            names = "--health-address",
            paramLabel = "[HOST:]PORT",
            description = "Tell at /livez and /readyz there whether the agent gets on and has made its first pass, on"
                    + " loopback when no host is given (default: nowhere).")
    private @Nullable String healthAddress;

    @Option(
            names = "--kubernetes",
            description = "Take what is declared from a Kubernetes cluster instead of files, and report to it.")
    private boolean kubernetes;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "How the cluster is reached (default: as the pod is told that this runs in).")
    private @Nullable Path kubeconfig;

    @Option(
            names = "--node-name",
            paramLabel = "NAME",
            description = "The name of this node in the cluster (default: $VENEER_NODE, else the host's name).")
    private @Nullable String nodeName;

    @Option(
            names = "--system-namespace",
            paramLabel = "NAMESPACE",
            description = "Where the Lease of this agent lies (default: ${DEFAULT-VALUE}).",
            defaultValue = "veneer-system")
    private String namespace = "veneer-system";

    public AgentCommand(Agent agent) {
        this.agent = agent;
    }

    @Override
    int run() throws NodeException, CommandException, IOException, InterruptedException {
        Settings settings = new Settings(
                resync == null ? null : duration(resync),
                metrics(),
                address("--health-address", healthAddress),
                cluster());
        log.apply(Level.INFO);
        return agent.run(store(), sources, settings).status();
    }

    private @Nullable MetricsSettings metrics() throws CommandException {
        InetSocketAddress address = address("--metrics-address", metricsAddress);
        if (address == null && metricsToken != null) {
            throw usage(BearerToken.OPTION + " is for --metrics-address");
        }
        ServerCertificate certificate = certificate(address);
        return address == null ? null : new MetricsSettings(address, metricsToken, certificate);
    }

    private @Nullable ServerCertificate certificate(@Nullable InetSocketAddress address) throws CommandException {
        if (metricsCertificate == null && metricsKey == null) {
            return null;
        }
        if (address == null || metricsCertificate == null || metricsKey == null) {
            throw usage(ServerCertificate.TOGETHER);
        }
        try {
            Logger log = LoggerFactory.getLogger(AgentCommand.class);
            return new ServerCertificate(metricsCertificate, metricsKey, log::warn);
        } catch (IOException e) {
            throw usage("metrics over HTTPS: " + e.getMessage());
        }
    }

    private @Nullable ClusterSettings cluster() throws CommandException {
        boolean files = !sources.paths().isEmpty();
        if (!kubernetes) {
            if (kubeconfig != null || nodeName != null) {
                throw usage("--kubeconfig and --node-name are for --kubernetes; files are named with -f");
            }
            if (!files) {
                throw usage("say where what is declared is read from: files with -f, or a cluster with --kubernetes");
            }
            return null;
        }
        if (files || sources.prune() || sources.allowShrink() || sources.takeOver()) {
            throw usage("--kubernetes stands for itself: -f, --prune, --allow-shrink and --take-over are for files");
        }
        if (nodeName != null && !nodeName.matches("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")) {
            throw usage("--node-name is '" + nodeName + "', but must be the name of a node: small letters, digits, '-'"
                    + " and '.'");
        }
        return new ClusterSettings(kubeconfig, nodeName == null ? "" : nodeName, namespace);
    }

    private Duration duration(String text) {
        if (text.matches("([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?") && !text.isEmpty()) {
            Duration duration = Duration.parse("PT" + text.toUpperCase(java.util.Locale.ROOT));
            if (duration.compareTo(Duration.ofSeconds(1)) >= 0) {
                return duration;
            }
        }
        throw usage("--resync is '" + text + "', but must be a duration of at least a second, as in 90s, 5m or 1h30m");
    }

    private @Nullable InetSocketAddress address(String option, @Nullable String text) {
        if (text == null) {
            return null;
        }
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        String port = text.substring(colon + 1);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535) {
            throw usage(option + " is '" + text + "', but must be PORT or HOST:PORT, as in 127.0.0.1:9464");
        }
        InetSocketAddress address = new InetSocketAddress(host.isEmpty() ? "127.0.0.1" : host, Integer.parseInt(port));
        if (address.isUnresolved()) {
            throw usage(option + " names '" + host + "', which is no address of this machine");
        }
        return address;
    }
}
