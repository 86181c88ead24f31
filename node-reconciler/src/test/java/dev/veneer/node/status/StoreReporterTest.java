package dev.veneer.node.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.veneer.api.v1alpha1.NodeStoreStatus;
import dev.veneer.api.v1alpha1.StoredBaseImage;
import dev.veneer.api.v1alpha1.StoredBaseImage.State;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.ImageSource;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.store.StatusStore;
import dev.veneer.node.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a NodeStore says of imports while they go on, and what stays of that. */
class StoreReporterTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectRef NODE = ObjectRef.store("node1");
    private static final Duration LONG = Duration.ofSeconds(5);
    private static final String DIGEST = "sha256:" + "1".repeat(64);

    @TempDir
    Path temporary;

    private final List<ObjectRef> toldAtOnce = new ArrayList<>();
    private long nanos;
    private Store store;
    private StoreReporter reporter;

    @BeforeEach
    void open() throws Exception {
        store = Store.open(new JnrLinuxCalls(), temporary.resolve("store").toString(), "test");
        store.statuses().tell(new StatusStore.Listener() {
            @Override
            public void written(ObjectRef object, String status) {}

            @Override
            public void writtenAbsent(SliverId id, String object) {}

            @Override
            public void meanwhile(ObjectRef object) {
                toldAtOnce.add(object);
            }
        });
        reporter = new StoreReporter(store.statuses(), JSON, () -> nanos);
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    private static StoredBaseImage ready(String name) {
        return new StoredBaseImage(name, "u-" + name, DIGEST, State.Ready, 1000L, null, null);
    }

    private static StoredBaseImage pending(String name) {
        return new StoredBaseImage(name, "u-" + name, null, State.Pending, null, null, null);
    }

    private static NodeStoreStatus status(StoredBaseImage... rows) {
        return new NodeStoreStatus(1L, List.of(), null, null, List.of(rows), null, 0, List.of());
    }

    private void importing(String name, Duration elapsed, Integer percent) {
        reporter.importing(
                new DesiredBaseImage(
                        name,
                        new ImageSource.Directory("/srv/" + name),
                        Duration.ofHours(24),
                        false,
                        false,
                        "{}",
                        "test",
                        new DeclaredIdentity("u-" + name, 1, false)),
                elapsed,
                percent);
    }

    /** The rows as they are written: name, state, progress and digest. */
    private String rows() throws Exception {
        StringBuilder rows = new StringBuilder();
        JsonNode status = JSON.readTree(store.statuses().read(NODE).orElse("{}"));
        for (JsonNode row : status.path("baseImages")) {
            rows.append(row.path("name").asText())
                    .append(' ')
                    .append(row.path("state").asText())
                    .append(row.has("progress") ? " " + row.path("progress").asText() + "%" : "")
                    .append(row.has("digest") ? " with content" : "")
                    .append(';');
        }
        return rows.toString();
    }

    @Test
    void theFirstPassOfAllTellsOfItsImports() throws Exception {
        importing("debian", LONG, 3);
        assertEquals("", rows());
        reporter.begins(NODE, status(pending("debian")));
        importing("debian", Duration.ofSeconds(1), 4);
        assertEquals("", rows());
        importing("debian", LONG, 5);
        assertEquals("debian Importing 5%;", rows());
        assertEquals(List.of(NODE), toldAtOnce);
        reporter.write(NODE, status(ready("debian")));
        reporter.ended();
        assertEquals("debian Ready with content;", rows());
        importing("debian", LONG, 99);
        assertEquals("debian Ready with content;", rows());
    }

    @Test
    void contentThatIsHereStaysToldOf() throws Exception {
        reporter.write(NODE, status(ready("debian"), ready("other")));
        reporter.begins(NODE, status(ready("debian"), ready("other")));
        importing("debian", LONG, null);
        assertEquals("debian Importing with content;other Ready with content;", rows());
        StoredBaseImage row = reporter.last().baseImages().get(0);
        assertEquals(1000L, row.bytes());
        assertEquals("u-debian", row.uid());
    }

    @Test
    void eachImportIsToldOfInItsOwnTime() throws Exception {
        reporter.begins(NODE, status(pending("debian")));
        importing("debian", LONG, 5);
        importing("new", LONG, 50);
        assertEquals("debian Importing 5%;new Importing 50%;", rows());
        nanos += Duration.ofSeconds(9).toNanos();
        importing("debian", LONG, 6);
        importing("new", LONG, 51);
        assertEquals("debian Importing 5%;new Importing 50%;", rows());
        nanos += Duration.ofSeconds(2).toNanos();
        importing("new", LONG, 52);
        assertEquals("debian Importing 5%;new Importing 52%;", rows());
    }

    @Test
    void aPassThatSaysNothingLeavesNoImportBehind() throws Exception {
        reporter.begins(NODE, status(ready("other"), pending("debian")));
        importing("debian", LONG, 5);
        reporter.ended();
        assertEquals("other Ready with content;debian Pending;", rows());
        assertEquals(List.of(NODE, NODE), toldAtOnce);
        assertEquals(status(ready("other"), pending("debian")), reporter.last());
        reporter.ended();
        assertEquals(2, toldAtOnce.size());
    }

    @Test
    void whatCameOfItIsToldBeforeWhateverFollowsInTheSamePass() throws Exception {
        reporter.begins(NODE, status(pending("debian"), pending("second")));
        importing("debian", LONG, 5);
        reporter.begins(NODE, status(ready("debian"), pending("second")));
        assertEquals("debian Ready with content;second Pending;", rows());
        importing("second", LONG, 7);
        assertEquals("debian Ready with content;second Importing 7%;", rows());
    }

    @Test
    void aPassThatToldNothingWritesNothing() throws Exception {
        reporter.begins(NODE, status(pending("debian")));
        importing("debian", Duration.ofMillis(300), 5);
        reporter.ended();
        assertEquals("", rows());
        assertEquals(List.of(), toldAtOnce);
    }
}
