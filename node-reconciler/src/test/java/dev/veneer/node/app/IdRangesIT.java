package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two stores of one node, each with commands of its own, whose slivers are mounted with ids that are nobody else's. */
class IdRangesIT {
    private NodeOnLoop node;
    private Place one;
    private Place two;
    private Path run;

    /** A store and what is declared for it. */
    private record Place(Path store, Path files) {}

    @BeforeEach
    void prepare() throws IOException {
        node = new NodeOnLoop(LoopDevice.Kind.XFS);
        run = node.disk.mountPoint().resolve("run");
        String archive = node.archive("base", "etc/release", "one\n");
        one = place("one", archive);
        two = place("two", archive);
    }

    @AfterEach
    void close() {
        node.close();
    }

    private Place place(String name, String archive) throws IOException {
        Path files = Files.createDirectory(node.disk.mountPoint().resolve("files-" + name));
        Files.writeString(files.resolve("base.yaml"), NodeOnLoop.image("base", archive));
        return new Place(node.disk.mountPoint().resolve("store-" + name), files);
    }

    private static void declare(Place place, String state, int from, int to) throws IOException {
        for (int i = from; i < to; i++) {
            Files.writeString(
                    place.files().resolve("s" + i + ".yaml"),
                    NodeOnLoop.sliver("s" + i, "userNamespace: Always", "desiredState: " + state));
        }
    }

    private ChildVeneer start(Place place) throws IOException {
        return ChildVeneer.start(
                Map.of("VENEER_RUN", run.toString()),
                "apply",
                "-f",
                place.files().toString(),
                "--store",
                place.store().toString());
    }

    private String apply(int status, Place place) throws Exception {
        try (ChildVeneer veneer = start(place)) {
            assertEquals(status, veneer.end(), veneer::said);
            return veneer.said();
        }
    }

    private void applyBothAtOnce() throws Exception {
        try (ChildVeneer first = start(one);
                ChildVeneer second = start(two)) {
            assertEquals(0, first.end(), first::said);
            assertEquals(0, second.end(), second::said);
        }
    }

    /** First ids of the ranges that a store's slivers have, by sliver. */
    private static Map<String, Integer> ranges(Place place) throws IOException {
        Map<String, Integer> ranges = new TreeMap<>();
        try (Stream<Path> slivers = Files.list(place.store().resolve("slivers/default"))) {
            for (Path sliver : slivers.toList()) {
                JsonNode range = AgentSocket.JSON
                        .readTree(sliver.resolve("record.json").toFile())
                        .path("idRange");
                assertEquals(65_536, range.path("count").asInt());
                ranges.put(sliver.getFileName().toString(), range.path("first").asInt());
            }
        }
        return ranges;
    }

    /** What the mount table says of the slivers below a directory: the first id of each, and no two overlap. */
    private List<Integer> mounted() throws IOException {
        List<Integer> firsts = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1)) {
            if (line.contains(" veneer:default/")
                    && line.split(" ", -1)[4].startsWith(node.disk.mountPoint().toString())) {
                firsts.add(Integer.parseInt(line.replaceAll(".* veneer:[^ ]*\\+([0-9]+) .*", "$1")));
            }
        }
        return firsts;
    }

    private void assertApart(int slivers) throws IOException {
        Set<Integer> all = new TreeSet<>();
        List<Integer> given = new ArrayList<>(ranges(one).values());
        given.addAll(ranges(two).values());
        for (int first : given) {
            assertEquals(0, (first - 1_000_000) % 65_536);
            assertTrue(all.add(first), "given twice: " + first + " of " + given);
        }
        assertEquals(slivers, all.size());
        List<Integer> mounted = mounted();
        assertEquals(all, new TreeSet<>(mounted));
        assertEquals(all.size(), mounted.size());
    }

    @Test
    void idsOfTwoStoresNeverOverlap() throws Exception {
        declare(one, "Deployed", 0, 3);
        declare(two, "Deployed", 0, 3);
        apply(0, one);
        apply(0, two);
        assertApart(6);
        for (int more = 1; more <= 3; more++) {
            declare(one, "Deployed", 3 * more, 3 * more + 3);
            declare(two, "Deployed", 3 * more, 3 * more + 3);
            applyBothAtOnce();
            assertApart(6 * more + 6);
        }
        assertTrue(apply(0, one).contains("Nothing to do"));
    }

    @Test
    void whatALostPromiseLedToIsToldAndMended() throws Exception {
        declare(one, "Deployed", 0, 2);
        apply(0, one);
        Commands.run("rm", "-r", run.toString());
        declare(two, "Deployed", 0, 1);
        apply(0, two);
        assertEquals(ranges(one).get("s0"), ranges(two).get("s0"), "nobody told");

        String said = apply(4, one);
        assertTrue(said.contains("also given out by the store " + two.store()), said);
        assertTrue(said.contains("Nothing to do"), said);
        assertTrue(apply(4, two).contains("also given out by the store " + one.store()));
        declare(two, "Registered", 0, 1);
        apply(0, two);
        assertTrue(apply(0, one).contains("Nothing to do"), "the other gave way");
        declare(two, "Deployed", 0, 1);
        apply(0, two);
        assertApart(3);
    }

    @Test
    void afterARebootTheyAreToldApartBeforeTheyAreMounted() throws Exception {
        declare(one, "Deployed", 0, 4);
        apply(0, one);
        Commands.run("rm", "-r", run.toString());
        declare(two, "Deployed", 0, 4);
        apply(0, two);
        assertEquals(ranges(one), ranges(two), "as earlier versions gave them");
        for (Place place : List.of(one, two)) {
            for (int i = 0; i < 4; i++) {
                Commands.run("umount", place.store() + "/rootfs/default/s" + i);
            }
        }
        Commands.run("rm", "-r", run.toString());
        applyBothAtOnce();
        assertApart(8);
    }

    @Test
    void aDirectoryThatCannotBeHadIsToldOnceAndKeepsNothing() throws Exception {
        Files.writeString(run, "not a directory");
        declare(one, "Deployed", 0, 1);
        String said = apply(0, one);
        assertEquals(2, said.split("note: host ids are not kept apart", -1).length - 1, said);
        assertFalse(mounted().isEmpty());
    }
}
