package dev.veneer.node.store;

import static dev.veneer.node.store.Samples.REAL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.RangePromise;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdRangePromisesTest {
    private static final IdRange ONE = range(1);
    private static final IdRange TWO = range(2);
    private static final IdRange THREE = range(3);

    @TempDir
    Path temporary;

    private Path run;
    private Path directory;
    private Store storeA;
    private Store storeB;
    private IdRangePromises a;
    private IdRangePromises b;

    private static IdRange range(int number) {
        return new IdRange(number * 65_536, 65_536);
    }

    @BeforeEach
    void open() throws Exception {
        run = temporary.resolve("run");
        directory = run.resolve("id-ranges");
        storeA = Store.open(REAL, temporary.resolve("a").toString(), "test");
        storeB = Store.open(REAL, temporary.resolve("b").toString(), "test");
        a = of(storeA);
        b = of(storeB);
    }

    @AfterEach
    void close() {
        storeA.close();
        storeB.close();
    }

    private IdRangePromises of(Store store) {
        return IdRangePromises.of(store, REAL, run.toString());
    }

    private static boolean wants(IdRangePromises store, IdRange... ranges) {
        return store.promise(List.of(), List.of(), List.of(ranges), true);
    }

    private static boolean holds(IdRangePromises store, IdRange... ranges) {
        return store.promise(List.of(ranges), List.of(), List.of(), true);
    }

    private static List<IdRange> ranges(List<RangePromise> promises) {
        return promises.stream().flatMap(each -> each.ranges().stream()).toList();
    }

    private Path file(Store store) {
        return directory.resolve(store.mark());
    }

    @Test
    void whatOneStoreHasNoOtherGets() {
        assertEquals(List.of(), a.others());
        assertTrue(wants(a, ONE));
        assertEquals(
                List.of(new RangePromise(storeA.layout().root(), file(storeA).toString(), List.of(ONE))), b.others());
        assertFalse(wants(b, ONE));
        assertFalse(Files.exists(file(storeB)), "nothing is promised when something cannot be");
        assertTrue(wants(b, TWO));
        assertEquals(List.of(TWO), ranges(a.others()));
        assertFalse(wants(a, ONE, TWO));
        assertTrue(holds(a));
        assertFalse(Files.exists(file(storeA)));
        assertTrue(wants(b, ONE, TWO));
        assertEquals(List.of(new IdRange(65_536, 2 * 65_536)), ranges(a.others()), "merged");
    }

    @Test
    void whatIsIdleIsGivenUpAndWhatIsHeldIsNot() {
        assertTrue(wants(a, ONE));
        assertTrue(b.promise(List.of(), List.of(ONE, THREE), List.of(), true));
        assertEquals(List.of(THREE), ranges(a.others()));
        assertTrue(b.promise(List.of(ONE), List.of(THREE), List.of(), true));
        assertEquals(List.of(ONE, THREE), ranges(a.others()));
    }

    @Test
    void whileSomethingCannotBeReadNothingIsGivenUp() {
        assertTrue(holds(a, ONE, TWO));
        assertTrue(a.promise(List.of(TWO), List.of(), List.of(THREE), false));
        assertEquals(List.of(new IdRange(65_536, 3 * 65_536)), ranges(b.others()));
        assertTrue(holds(a, TWO));
        assertEquals(List.of(TWO), ranges(b.others()));
    }

    @Test
    void aPartOfARangeIsEnoughToCollide() {
        assertTrue(holds(a, new IdRange(100_000, 10)));
        assertFalse(wants(b, ONE));
        assertFalse(wants(b, new IdRange(100_009, 1)));
        assertTrue(wants(b, new IdRange(100_010, 1), new IdRange(99_999, 1)));
    }

    @Test
    void aStoreWithoutIdsLeavesNothing() {
        assertTrue(a.promise(List.of(), List.of(), List.of(), true));
        a.others();
        assertTrue(a.isKept());
        assertFalse(Files.exists(run));
    }

    @Test
    void aSteadyPassIsOneLookAndNothingElse() throws Exception {
        FaultyLinuxCalls counted = new FaultyLinuxCalls(REAL);
        IdRangePromises watched = IdRangePromises.of(storeA, counted.calls(), run.toString());
        assertTrue(holds(b, TWO));
        assertTrue(holds(watched, ONE));
        Thread.sleep(60);
        List<RangePromise> before = watched.others();
        assertFalse(watched.isKept(), "it was just written");
        counted.reset();
        counted.counting(FaultyLinuxCalls.CHANGING);
        assertTrue(holds(watched, ONE));
        assertEquals(0, counted.counted(), "what is there is not written again");
        counted.counting(FaultyLinuxCalls.ALL);
        counted.reset();
        assertSame(before, watched.others());
        assertTrue(watched.isKept());
        assertEquals(List.of("statx"), counted.names());
    }

    @Test
    void aPromiseThatIsLostIsMissed() throws Exception {
        assertTrue(holds(a, ONE));
        Thread.sleep(60);
        assertTrue(holds(a, ONE));
        a.others();
        assertTrue(a.isKept());
        Files.delete(file(storeA));
        a.others();
        assertFalse(a.isKept());
        assertTrue(holds(a, ONE));
        assertEquals(List.of(ONE), ranges(b.others()));
        Commands.run("rm", "-r", run.toString());
        a.others();
        assertFalse(a.isKept());
        assertEquals(List.of(), b.others());
        assertTrue(holds(a, ONE));
        assertEquals(List.of(ONE), ranges(b.others()));
    }

    @Test
    void anEarlierMarkOfTheStoreIsItsOwn() throws Exception {
        assertTrue(holds(a, ONE));
        Path earlier = Files.move(file(storeA), directory.resolve("00000000"));
        assertEquals(List.of(ONE), ranges(b.others()));
        assertEquals(List.of(), of(storeA).others());
        assertTrue(wants(a, ONE));
        assertFalse(Files.exists(earlier));
        assertEquals(List.of(ONE), ranges(b.others()));
    }

    @Test
    void aStoreThatIsNoMoreHoldsNothing() throws Exception {
        assertTrue(holds(a, ONE));
        storeA.close();
        Files.move(temporary.resolve("a"), temporary.resolve("gone"));
        assertEquals(List.of(ONE), ranges(b.others()), "reading removes nothing");
        assertTrue(wants(b, ONE));
        assertFalse(Files.exists(file(storeA)));
        storeA = Store.open(REAL, temporary.resolve("a").toString(), "test");
    }

    @Test
    void aStoreOfAnotherMountNamespaceNeedNotBeSeen() throws Exception {
        assertTrue(holds(a, ONE));
        String text = Files.readString(file(storeA));
        storeA.close();
        Files.move(temporary.resolve("a"), temporary.resolve("gone"));
        Files.writeString(file(storeA), text.replaceAll("mnt:\\[[0-9]+\\]", "mnt:[1]"));
        assertFalse(wants(b, ONE));
        assertTrue(Files.exists(file(storeA)));
        storeA = Store.open(REAL, temporary.resolve("a").toString(), "test");
    }

    @Test
    void hostileFilesAreTakenForNothing() throws Exception {
        assertTrue(holds(a, ONE));
        String good = Files.readString(file(storeA));
        Path hostile = directory.resolve("0badc0de");
        List<byte[]> contents = new ArrayList<>();
        for (String text : List.of(
                "",
                "\0\0\0",
                "{",
                good.substring(0, good.length() / 2),
                good + good,
                "[".repeat(100_000),
                "{\"a\":".repeat(100_000),
                good.replace("65536:65536", "65536"),
                good.replace("65536:65536", "x:y"),
                good.replace("65536:65536", ":"),
                good.replace("65536:65536", "-1:65536"),
                good.replace("65536:65536", "0:65536"),
                good.replace("65536:65536", "65536:99999999999999999999"),
                good.replace("[\"65536:65536\"]", "[17, {}]"),
                good.replace("[\"65536:65536\"]", "17"),
                good.replace("\"/", "\""))) {
            contents.add(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        contents.add(new byte[(4 << 20) + 1]);
        for (byte[] content : contents) {
            Files.write(hostile, content);
            assertIgnored(hostile);
        }
        Files.delete(hostile);
        Files.createSymbolicLink(hostile, file(storeA));
        assertIgnored(hostile);
        Files.delete(hostile);
        Files.createDirectory(hostile);
        assertIgnored(hostile);
        Files.delete(hostile);
        Commands.run("mkfifo", hostile.toString());
        assertIgnored(hostile);
        Files.delete(hostile);
        Files.writeString(hostile, good);
        Files.setAttribute(hostile, "unix:uid", 1000);
        assertIgnored(hostile);
        Files.delete(hostile);
        Files.writeString(directory.resolve("notes.txt"), "mine");
        IdRangePromises fresh = of(storeB);
        fresh.others();
        assertEquals(List.of(), fresh.problems());
        assertTrue(wants(fresh, TWO));
        assertTrue(Files.exists(directory.resolve("notes.txt")));
    }

    private void assertIgnored(Path hostile) {
        IdRangePromises fresh = of(storeB);
        assertEquals(List.of(ONE), ranges(fresh.others()));
        assertEquals(1, fresh.problems().size(), () -> hostile + ": " + fresh.problems());
        assertTrue(fresh.problems().get(0).startsWith(hostile.toString()), fresh.problems()::toString);
        assertTrue(wants(fresh, TWO));
        assertTrue(Files.exists(hostile, java.nio.file.LinkOption.NOFOLLOW_LINKS), "it is not ours to remove");
    }

    @Test
    void whatANewerVersionAddsIsLetBe() throws IOException {
        assertTrue(holds(a, ONE));
        Files.writeString(file(storeA), Files.readString(file(storeA)).replace("{", "{\"more\":{\"b\":[1]},"));
        assertEquals(List.of(ONE), ranges(b.others()));
    }

    @Test
    void aDirectoryThatOthersCanWriteToIsNotTrusted() throws IOException {
        assertTrue(holds(a, ONE));
        String elsewhere = temporary + "/elsewhere";
        for (String bad : List.of(
                "chmod 777 \"$1\"",
                "chown 1000 \"$1\"",
                "rm -r \"$1\"; touch \"$1\"",
                "rm \"$1\"; mkdir \"$2\"; ln -s \"$2\" \"$1\"")) {
            Commands.run("sh", "-ec", bad, "sh", directory.toString(), elsewhere);
            IdRangePromises fresh = of(storeB);
            assertEquals(List.of(), fresh.others(), bad);
            assertEquals(1, fresh.problems().size(), bad);
            assertTrue(wants(fresh, TWO), "it keeps nothing from being done");
            assertFalse(fresh.isKept());
        }
        try (Stream<Path> files = Files.list(temporary.resolve("elsewhere"))) {
            assertEquals(List.of(), files.toList(), "no link is followed");
        }
    }

    @Test
    void whereNothingCanBeWrittenEachGoesOnByItself() throws IOException {
        Files.writeString(temporary.resolve("plain"), "");
        IdRangePromises nowhere =
                IdRangePromises.of(storeA, REAL, temporary.resolve("plain/run").toString());
        assertTrue(wants(nowhere, ONE));
        assertEquals(List.of(), nowhere.others());
        assertFalse(nowhere.isKept());
        IdRangePromises deep = IdRangePromises.of(
                storeA, REAL, temporary.resolve("no/such/run").toString());
        assertTrue(wants(deep, ONE));
        assertFalse(Files.exists(temporary.resolve("no")), "only the last two directories are made");
    }

    @Test
    void whoDoesNotLetGoOfTheDirectoryStopsNobody() throws Exception {
        assertTrue(holds(a, ONE));
        Process holder = new ProcessBuilder("flock", directory.toString(), "sh", "-c", "echo got it; cat").start();
        try {
            assertEquals('g', holder.getInputStream().read());
            assertTrue(wants(b, TWO));
            assertFalse(Files.exists(file(storeB)));
        } finally {
            holder.destroyForcibly().waitFor();
            holder.descendants().forEach(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void everyCallMayFailAndWhatIsThereStays() throws Exception {
        assertTrue(holds(a, ONE));
        for (int n = 1; n < 60; n++) {
            FaultyLinuxCalls faulty = new FaultyLinuxCalls(REAL);
            IdRangePromises failing = IdRangePromises.of(storeB, faulty.calls(), run.toString());
            faulty.failAt(n, 5);
            assertTrue(holds(failing, TWO));
            failing.others();
            Set<IdRange> there = Set.copyOf(
                    ranges(IdRangePromises.ofNone(REAL, run.toString()).others()));
            assertTrue(there.equals(Set.of(ONE)) || there.equals(Set.of(ONE, TWO)), there::toString);
            assertEquals(List.of(ONE), ranges(of(storeB).others()));
            Files.deleteIfExists(file(storeB));
        }
        assertTrue(holds(b, TWO));
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(2, files.count(), "nothing unfinished is left");
        }
    }

    @Test
    void ofManyWhoWantAtOnceNoTwoGetTheSame() throws Exception {
        List<Store> stores = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            List<Future<List<IdRange>>> all = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                Store store = Store.open(REAL, temporary.resolve("s" + i).toString(), "test");
                stores.add(store);
                IdRangePromises promises = of(store);
                Random random = new Random(i);
                Callable<List<IdRange>> wanting = () -> {
                    List<IdRange> mine = new ArrayList<>();
                    for (int step = 0; step < 60; step++) {
                        IdRange next = range(1 + random.nextInt(100));
                        if (promises.promise(mine, List.of(), List.of(next), true)) {
                            mine.add(next);
                        }
                    }
                    return mine;
                };
                all.add(threads.submit(wanting));
            }
            List<IdRange> given = new ArrayList<>();
            for (Future<List<IdRange>> each : all) {
                given.addAll(each.get().stream().distinct().toList());
            }
            assertEquals(given.stream().distinct().count(), given.size());
            assertTrue(given.size() > 50, "only " + given.size());
        } finally {
            threads.shutdownNow();
            stores.forEach(Store::close);
        }
    }
}
