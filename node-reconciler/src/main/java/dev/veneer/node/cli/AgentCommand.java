package dev.veneer.node.cli;

import dev.veneer.node.failure.NodeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
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
            "  veneer agent -f /etc/veneer/ --metrics-address 127.0.0.1:9464"
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
     * @param metricsAddress where to serve metrics; null: nowhere
     */
    public record Settings(@Nullable Duration resync, @Nullable InetSocketAddress metricsAddress) {}

    private final Agent agent;

    @Mixin
    private SourceOptions sources = new SourceOptions();

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

    public AgentCommand(Agent agent) {
        this.agent = agent;
    }

    @Override
    int run() throws NodeException, CommandException, IOException, InterruptedException {
        Settings settings = new Settings(
                resync == null ? null : duration(resync), metricsAddress == null ? null : address(metricsAddress));
        log.apply(Level.INFO);
        return agent.run(store(), sources, settings).status();
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

    private InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        String port = text.substring(colon + 1);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535) {
            throw usage("--metrics-address is '" + text + "', but must be PORT or HOST:PORT, as in 127.0.0.1:9464");
        }
        InetSocketAddress address = new InetSocketAddress(host.isEmpty() ? "127.0.0.1" : host, Integer.parseInt(port));
        if (address.isUnresolved()) {
            throw usage("--metrics-address names '" + host + "', which is no address of this machine");
        }
        return address;
    }
}
