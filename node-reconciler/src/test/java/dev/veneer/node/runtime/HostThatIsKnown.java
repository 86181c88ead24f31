package dev.veneer.node.runtime;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The host that tests run on, whose programs are asked for their versions once. A program that is started in the middle of
 * many passes holds copies of all that these have open for a moment, overlays too, and costs more than many a pass.
 */
public final class HostThatIsKnown implements Programs {
    /** The host itself. */
    public static final Host HERE = new Host(new HostThatIsKnown());

    private final Programs real = new HostPrograms();
    private final Map<List<String>, Result> versions = new ConcurrentHashMap<>();

    private HostThatIsKnown() {}

    @Override
    public Result run(List<String> command, String path, Duration atMost) throws IOException {
        if (!command.get(command.size() - 1).equals("--version")) {
            return real.run(command, path, atMost);
        }
        Result known = versions.get(command);
        if (known == null) {
            known = real.run(command, path, atMost);
            versions.put(List.copyOf(command), known);
        }
        return known;
    }

    @Override
    public int attach(List<String> command, String path) throws IOException {
        return real.attach(command, path);
    }
}
