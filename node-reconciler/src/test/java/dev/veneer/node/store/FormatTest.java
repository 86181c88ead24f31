package dev.veneer.node.store;

import static dev.veneer.node.store.Samples.REAL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.testkit.CutOff;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FormatTest {
    private static final String ID = "00000000-0000-0001-0000-000000000002";

    /** From version 0, in which images lay in a directory called pictures. */
    private static final StoreFormat WITH_UPGRADE = new StoreFormat(1, Map.of(0, files -> {
        if (files.exists("pictures")) {
            files.removeDirectory("images");
            files.rename("pictures", "images", 0);
        }
    }));

    @TempDir(factory = InMemory.class)
    Path temporary;

    private String oldStore(String name) throws Exception {
        Path root = temporary.resolve(name);
        Store.open(REAL, root.toString(), "test").close();
        Files.writeString(root.resolve("format"), "{\"veneerStore\":0,\"id\":\"" + ID + "\"}\n");
        Files.delete(root.resolve("images"));
        Files.createDirectory(root.resolve("pictures"));
        Files.write(root.resolve("pictures/debian.json"), RecordCodec.encode(Samples.image("debian", Samples.BASE)));
        return root.toString();
    }

    private static Store open(LinuxCalls calls, String root) throws Exception {
        return Store.open(calls, root, "test", WITH_UPGRADE);
    }

    @Test
    void anOlderStoreIsBroughtUpCutAtEveryCall() throws Exception {
        boolean cut = true;
        for (long n = 1; cut; n++) {
            String root = oldStore("old" + n);
            FaultyLinuxCalls faulty = new FaultyLinuxCalls(REAL).counting(FaultyLinuxCalls.CHANGING);
            faulty.cutAt(n);
            try (Store store = open(faulty.calls(), root)) {
                cut = false;
                assertEquals(0, store.recovery().upgradedFrom());
                assertTrue(n > 6, "calls: " + n);
            } catch (CutOff expected) {
                assertTrue(faulty.isCut());
            }
            try (Store store = open(REAL, root)) {
                assertEquals(ID, store.id().toString());
                assertTrue(store.scan().images().containsKey("debian"));
            }
            assertTrue(Files.readString(Path.of(root, "format")).contains("\"veneerStore\":1"));
        }
    }

    @Test
    void anOlderStoreIsNotTouchedByReadersNorWithoutAWayUp() throws Exception {
        String root = oldStore("old");
        NodeException reader = assertThrows(NodeException.class, () -> Store.openReadOnly(REAL, root));
        assertTrue(String.valueOf(reader.getMessage()).contains("older format 0"), reader.getMessage());
        assertThrows(NodeException.class, () -> Store.open(REAL, root, "test"));
        assertTrue(Files.exists(Path.of(root, "pictures/debian.json")));
    }

    private static Instant age(String root) throws Exception {
        try (Store store = Store.openReadOnly(REAL, root)) {
            return store.createdAt();
        }
    }

    private static void repair(String root) throws Exception {
        List<Finding> findings = new StoreCheck(REAL, root).run(false, (digest, all) -> {});
        assertFalse(findings.isEmpty());
        new StoreRepair(REAL, root).run(findings, "test");
    }

    @Test
    void aStoreDoesNotGetYoungerByARepair() throws Exception {
        String root = temporary.resolve("store").toString();
        Path format = Path.of(root, "format");
        Store.open(REAL, root, "test").close();
        Instant made = age(root);
        assertTrue(Files.readString(format).contains("\"createdAt\":\"" + made + "\""));
        Files.setLastModifiedTime(format, FileTime.from(Instant.EPOCH.plusSeconds(9)));
        assertEquals(made, age(root), "what is written counts");

        Thread.sleep(2_100);
        Files.delete(format);
        repair(root);
        assertTrue(Duration.between(age(root), made).abs().toSeconds() <= 1, () -> "made " + made);

        Files.writeString(format, "{\"veneerStore\":");
        Files.setLastModifiedTime(format, FileTime.from(Instant.parse("2024-05-06T07:08:09Z")));
        repair(root);
        assertEquals(Instant.parse("2024-05-06T07:08:09Z"), age(root));
    }

    @Test
    void aStoreOfAnEarlierProgramIsAsOldAsItsFile() throws Exception {
        String root = temporary.resolve("store").toString();
        Path format = Path.of(root, "format");
        Store.open(REAL, root, "test").close();
        for (String more : List.of("", ",\"createdAt\":\"yesterday\"", ",\"createdAt\":7")) {
            Files.writeString(format, "{\"veneerStore\":1,\"id\":\"" + ID + "\"" + more + "}\n");
            Files.setLastModifiedTime(format, FileTime.from(Instant.parse("2024-05-06T07:08:09Z")));
            assertEquals(Instant.parse("2024-05-06T07:08:09Z"), age(root), more);
        }
    }

    @Test
    void aNewerStoreIsRefusedAndNotTouched() throws Exception {
        String root = oldStore("newer");
        String header = "{\"veneerStore\":2,\"id\":\"" + ID + "\"}";
        Files.writeString(Path.of(root, "format"), header);
        NodeException refused = assertThrows(NodeException.class, () -> Store.open(REAL, root, "test"));
        assertEquals(Follow.STALLED, refused.follow());
        assertTrue(String.valueOf(refused.getMessage()).contains("newer Veneer"), refused.getMessage());
        assertEquals(header, Files.readString(Path.of(root, "format")));
    }

    @Test
    void faultsOfTheDiskSayWhatFollows() throws Exception {
        String root = temporary.resolve("store").toString();
        Store.open(REAL, root, "test").close();
        Map<Integer, Reason> reasons = Map.of(
                Errno.EROFS, Reason.StoreFaulty,
                Errno.EIO, Reason.StoreFaulty,
                Errno.EUCLEAN, Reason.StoreFaulty,
                Errno.ENOSPC, Reason.LowSpace,
                Errno.EDQUOT, Reason.LowSpace);
        for (Map.Entry<Integer, Reason> entry : reasons.entrySet()) {
            FaultyLinuxCalls faulty = new FaultyLinuxCalls(REAL).counting(FaultyLinuxCalls.CHANGING);
            try (Store store = Store.open(faulty.calls(), root, "test");
                    Batch batch = store.begin()) {
                faulty.failFrom(1, entry.getKey());
                NodeException told =
                        assertThrows(NodeException.class, () -> batch.stageSliver(Samples.sliver(Samples.id("web"))));
                assertEquals(entry.getValue(), told.reason());
                assertEquals(Follow.WAIT, told.follow());
                assertTrue(String.valueOf(told.getMessage()).contains(root), told.getMessage());
                faulty.reset();
            }
        }
    }

    @Test
    void unfitFileSystemsAreRefused() {
        String root = temporary.resolve("unfit").toString();
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(REAL)
                .counting(call -> call.name().equals("renameat2")
                        && call.arguments().get(4).equals(2));
        faulty.failAt(1, Errno.EINVAL);
        NodeException refused = assertThrows(NodeException.class, () -> Store.open(faulty.calls(), root, "test"));
        assertTrue(String.valueOf(refused.getMessage()).contains("cannot hold a store"), refused.getMessage());
        assertFalse(Files.exists(Path.of(root, "format")));
    }
}
