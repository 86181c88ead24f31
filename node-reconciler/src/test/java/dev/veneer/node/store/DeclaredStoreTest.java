package dev.veneer.node.store;

import static dev.veneer.node.store.Samples.REAL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.testkit.CutOff;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a source declared last, kept over starts, kills and damage. */
class DeclaredStoreTest {
    private static final String CLUSTER = "cluster-a";
    private static final ObjectRef WEB = new ObjectRef(ObjectRef.Kind.Sliver, "default/web");
    private static final ObjectRef DB = new ObjectRef(ObjectRef.Kind.Sliver, "default/db");
    private static final ObjectRef DEBIAN = ObjectRef.image("debian");

    @TempDir(factory = InMemory.class)
    Path temporary;

    private Path root() {
        return temporary.resolve("store");
    }

    private Path declared() {
        return root().resolve("declared");
    }

    private void keep(Map<ObjectRef, String> objects) throws Exception {
        try (Store store = Store.open(REAL, root().toString(), "test")) {
            store.declared().keep(CLUSTER, objects);
        }
    }

    private DeclaredStore.Found read() throws Exception {
        try (Store store = Store.open(REAL, root().toString(), "test")) {
            return store.declared().read(CLUSTER);
        }
    }

    private List<String> files() throws Exception {
        try (Stream<Path> all = Files.list(declared())) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void whatIsKeptIsThereAgainAndWhatIsNotIsGone() throws Exception {
        assertEquals(Map.of(), read().objects());
        assertFalse(Files.exists(declared()), "nothing is made before it is needed");
        Map<ObjectRef, String> both = Map.of(WEB, "{\"a\":\"\u00e4 \\\" \\n\"}", DEBIAN, "{}");
        keep(both);
        assertEquals(both, read().objects());
        assertEquals(List.of("baseimage.debian.json", "sliver.default.web.json"), files());
        keep(Map.of(WEB, "{\"a\":2}", DB, "{}"));
        assertEquals(Map.of(WEB, "{\"a\":2}", DB, "{}"), read().objects());
        keep(Map.of());
        assertEquals(Map.of(), read().objects());
        assertEquals(List.of(), files());
    }

    @Test
    void manyAreKeptAtOnce() throws Exception {
        Map<ObjectRef, String> many = new HashMap<>();
        for (int i = 0; i < 50; i++) {
            many.put(new ObjectRef(ObjectRef.Kind.Sliver, "default/s" + i), "{\"i\":" + i + "}");
        }
        keep(many);
        assertEquals(many, read().objects());
    }

    @Test
    void namesAtTheirLimits() throws Exception {
        String label = "a".repeat(63);
        Map<ObjectRef, String> long63 = Map.of(new ObjectRef(ObjectRef.Kind.Sliver, label + "/" + label), "{}");
        keep(long63);
        assertEquals(long63, read().objects());
    }

    @Test
    void nothingIsWrittenWhereNothingHasChanged() throws Exception {
        FaultyLinuxCalls calls = new FaultyLinuxCalls(REAL).counting(FaultyLinuxCalls.CHANGING);
        try (Store store = Store.open(calls.calls(), root().toString(), "test")) {
            store.declared().keep(CLUSTER, Map.of(WEB, "{}"));
            long before = calls.counted();
            store.declared().keep(CLUSTER, Map.of(WEB, "{}"));
            assertEquals(before, calls.counted());
        }
    }

    /** Cut at every call: each object is there as it was, or as it is to be, and the rest of the store is as good as before. */
    @Test
    void everyCallCut() throws Exception {
        Map<ObjectRef, String> old = Map.of(WEB, "{\"a\":1}", DB, "{}");
        Map<ObjectRef, String> next = Map.of(WEB, "{\"a\":2}", DEBIAN, "{}");
        for (long n = 1; ; n++) {
            keep(old);
            assertEquals(old, read().objects());
            FaultyLinuxCalls calls = new FaultyLinuxCalls(REAL);
            boolean cut = false;
            try (Store store = Store.open(calls.calls(), root().toString(), "test")) {
                store.declared().read(CLUSTER);
                calls.counting(FaultyLinuxCalls.CHANGING).cutAt(n);
                store.declared().keep(CLUSTER, next);
            } catch (CutOff expected) {
                cut = true;
                calls.closeAll();
            }
            DeclaredStore.Found found = read();
            assertEquals(List.of(), found.problems(), "cut at " + n);
            found.objects()
                    .forEach((ref, text) ->
                            assertTrue(text.equals(old.get(ref)) || text.equals(next.get(ref)), ref + " is " + text));
            assertTrue(found.objects().containsKey(WEB));
            keep(next);
            assertEquals(next, read().objects());
            assertTrue(files().stream().noneMatch(name -> name.startsWith(".")), files().toString());
            if (!cut) {
                assertTrue(n > 5, "cuts: " + n);
                return;
            }
        }
    }

    @Test
    void aFullDiskIsToldAndTriedAgain() throws Exception {
        FaultyLinuxCalls calls = new FaultyLinuxCalls(REAL);
        try (Store store = Store.open(calls.calls(), root().toString(), "test")) {
            store.declared().keep(CLUSTER, Map.of(WEB, "{}"));
            calls.counting("write").failFrom(2, Errno.ENOSPC);
            assertThrows(NodeException.class, () -> store.declared().keep(CLUSTER, Map.of(WEB, "{\"a\":2}", DB, "{}")));
            calls.reset();
            store.declared().keep(CLUSTER, Map.of(WEB, "{\"a\":2}", DB, "{}"));
        }
        assertEquals(Map.of(WEB, "{\"a\":2}", DB, "{}"), read().objects());
    }

    @Test
    void whatCannotBeReadIsLeftOutAndTheRestIsThere() throws Exception {
        keep(Map.of(WEB, "{\"a\":1}", DB, "{}", DEBIAN, "{}"));
        String whole = Files.readString(declared().resolve("sliver.default.web.json"));
        for (String wrong : List.of(
                "",
                "{",
                whole.substring(0, whole.length() / 2),
                "null",
                "[]",
                "{}",
                whole.replace("default/web", "default/db"),
                whole.replace("default/web", "../../etc"),
                whole.replace("Sliver", "Pod"),
                whole.replace("\"object\"", "\"later\":1,\"object\""),
                whole + whole,
                "\u0000".repeat(1000),
                "{\"a\":".repeat(900))) {
            Files.writeString(declared().resolve("sliver.default.web.json"), wrong);
            DeclaredStore.Found found = read();
            assertEquals(Map.of(DB, "{}", DEBIAN, "{}"), found.objects(), wrong);
            assertEquals(1, found.problems().size(), wrong);
            assertTrue(found.problems().get(0).contains("sliver.default.web.json is left out"), found.toString());
        }
        keep(Map.of(WEB, "{\"a\":1}"));
        assertEquals(Map.of(WEB, "{\"a\":1}"), read().objects());
        assertEquals(List.of("sliver.default.web.json"), files());
    }

    @Test
    void whatIsNoFileHarmsNothing() throws Exception {
        keep(Map.of(WEB, "{}"));
        Path secret = Files.writeString(temporary.resolve("secret"), "{}");
        Files.createSymbolicLink(declared().resolve("sliver.default.link.json"), secret);
        Files.createDirectory(declared().resolve("sliver.default.dir.json"));
        Files.writeString(declared().resolve("sliver.default.huge.json"), "x".repeat(5 << 20));
        Files.writeString(declared().resolve(".new-sliver.default.x.json"), "{");
        Files.writeString(declared().resolve("note"), "by somebody");
        DeclaredStore.Found found = read();
        assertEquals(Map.of(WEB, "{}"), found.objects());
        assertEquals(3, found.problems().size(), found.toString());
        assertTrue(Files.exists(secret));
    }

    @Test
    void anotherSourcesObjectsAreNotThisOnes() throws Exception {
        keep(Map.of(WEB, "{}"));
        try (Store store = Store.open(REAL, root().toString(), "test")) {
            assertEquals(Map.of(), store.declared().read("cluster-b").objects());
            store.declared().keep("cluster-b", Map.of(DB, "{}"));
        }
        assertEquals(Map.of(), read().objects());
        assertEquals(List.of("sliver.default.db.json"), files());
    }

    @Test
    void whenItWasHeardOfIsNotedAndMayBeLost() throws Exception {
        Instant at = Instant.parse("2026-01-02T03:04:05Z");
        try (Store store = Store.open(REAL, root().toString(), "test")) {
            assertEquals(Optional.empty(), store.declared().heard());
            store.declared().heard(at);
            assertEquals(Optional.of(at), store.declared().heard());
            for (String wrong : List.of("", "yesterday", "9".repeat(100))) {
                Files.writeString(declared().resolve("heard"), wrong);
                assertEquals(Optional.empty(), store.declared().heard());
            }
        }
    }

    @Test
    void theCheckOfTheStoreFindsNothingWrong() throws Exception {
        try (Store store = Store.open(REAL, root().toString(), "test")) {
            store.declared().keep(CLUSTER, Map.of(WEB, "{}"));
            store.declared().heard(Instant.EPOCH);
        }
        Files.writeString(declared().resolve("note"), "by somebody");
        List<String> found = new StoreCheck(REAL, root().toString())
                .run(false, (digest, percent) -> {}).stream()
                        .map(Finding::toString)
                        .filter(text -> text.contains("declared"))
                        .toList();
        assertEquals(1, found.size(), found.toString());
        assertTrue(found.get(0).contains("note"), found.toString());
    }
}
