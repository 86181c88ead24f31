package dev.veneer.node.app;

import dev.veneer.api.Reason;
import dev.veneer.node.cli.Containers;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.runtime.ContainerLog;
import dev.veneer.node.runtime.LogPosition;
import dev.veneer.node.runtime.LogText;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code veneer exec}, {@code console} and {@code logs}. */
public final class SliverContainers implements Containers {
    private static final int LOG_BYTES = 1 << 20;
    private static final long FOLLOW_MILLIS = 500;

    @Override
    public int exec(StoreOptions store, SliverId sliver, List<String> command) throws NodeException {
        try (NodeParts node = NodeParts.openReadOnly(store.directory())) {
            requireRunning(node, sliver);
            return node.runtime().exec(sliver, command);
        }
    }

    @Override
    public int console(StoreOptions store, SliverId sliver) throws NodeException {
        try (NodeParts node = NodeParts.openReadOnly(store.directory())) {
            requireRunning(node, sliver);
            return node.runtime().console(sliver);
        }
    }

    @Override
    public int logs(StoreOptions store, SliverId sliver, @Nullable Integer lines, boolean follow, PrintStream out)
            throws NodeException, InterruptedException {
        try (NodeParts node = NodeParts.openReadOnly(store.directory())) {
            Lookup.sliver(node, sliver);
            LogText shown = node.runtime().logs(sliver, ContainerLog.CONSOLE, LogPosition.START, LOG_BYTES);
            out.print(lines == null ? shown.text() : lastLines(shown.text(), lines));
            out.flush();
            while (follow && !out.checkError()) {
                Thread.sleep(FOLLOW_MILLIS);
                shown = node.runtime().logs(sliver, ContainerLog.CONSOLE, shown.next(), LOG_BYTES);
                out.print(shown.text());
            }
            return 0;
        }
    }

    private static void requireRunning(NodeParts node, SliverId sliver) throws NodeException {
        Lookup.sliver(node, sliver);
        if (!node.runtime().state(sliver).running()) {
            throw new NodeException(
                    Reason.ContainerFailed,
                    Follow.STALLED,
                    "sliver " + sliver + " does not run; desiredState: Started runs it, veneer describe sliver "
                            + sliver.name() + " -n " + sliver.namespace() + " tells more");
        }
    }

    static String lastLines(String text, int lines) {
        int from = text.endsWith("\n") ? text.length() - 1 : text.length();
        for (int left = lines; left > 0 && from > 0; left--) {
            from = text.lastIndexOf('\n', from - 1);
        }
        return lines <= 0 ? "" : text.substring(Math.max(0, from + 1));
    }
}
