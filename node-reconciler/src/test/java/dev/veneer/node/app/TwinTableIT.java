package dev.veneer.node.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.veneer.node.execute.CompactionEstimate;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;

/** What a look at a store with very many files notes of each of them. */
class TwinTableIT extends ForeignStore {
    /** One more than what is kept in memory. */
    private static final int FILES = (1 << 16) + 1;

    private final Set<String> made = new ConcurrentSkipListSet<>();

    /** On the store's own disk, not on that of the node, which its owner could fill. */
    @Test
    void itLiesInTheStoreAndIsGoneAfterwards() throws Exception {
        makeFiles();
        FaultyLinuxCalls watched = new FaultyLinuxCalls(Site.REAL)
                .counting("ftruncate")
                .before((call, number) -> made.add(Files.readSymbolicLink(
                                Path.of("/proc/self/fd/" + call.arguments().get(0)))
                        .toString()));
        try (NodeParts parts = NodeParts.open(watched.calls(), node.store.toString(), "test")) {
            SliverRecord record = parts.store()
                    .scan()
                    .slivers()
                    .get(new SliverId("default", "web"))
                    .record();
            made.clear();
            Set<Integer> open = Set.copyOf(watched.open().keySet());
            CompactionEstimate.of(parts.calls(), parts.store().layout(), parts.bases(), parts.mounts(), record);
            assertEquals(Set.of(node.store.resolve("scratch").toString()), directories());
            assertEquals(open, watched.open().keySet(), () -> watched.open().toString());
        }
        assertEquals(Set.of(), Site.names(node.store.resolve("scratch")));
    }

    /** Of each another file of the base is said to be the origin. */
    private void makeFiles() throws Exception {
        Path directory = Files.createDirectory(upper(1).resolve("many"));
        for (int i = 0; i < FILES; i++) {
            Path file = Files.createFile(directory.resolve("f" + i));
            Site.REAL.lsetxattr(
                    file.toString().getBytes(US_ASCII),
                    "trusted.overlay.origin".getBytes(US_ASCII),
                    ("origin " + i).getBytes(US_ASCII),
                    0);
        }
    }

    private Set<String> directories() {
        Set<String> directories = new TreeSet<>();
        made.forEach(each -> directories.add(each.substring(0, each.lastIndexOf('/'))));
        return directories;
    }
}
