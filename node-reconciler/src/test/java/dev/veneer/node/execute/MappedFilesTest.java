package dev.veneer.node.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.PathBytes;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class MappedFilesTest {
    private final LinuxCalls calls = new JnrLinuxCalls();

    private static List<String> names(String... lines) {
        List<byte[]> ranges = new ArrayList<>();
        Set<String> known = new HashSet<>();
        for (String line : lines) {
            MappedFiles.line(line, Set.of("8:2", "253:0"), known, ranges);
        }
        return ranges.stream().map(PathBytes::show).toList();
    }

    @Test
    void linesAreTakenForWhatTheyAre() {
        assertEquals(
                List.of("400000-452000", "7f0000000000-7f0000001000"),
                names(
                        "00400000-00452000 r-xp 00000000 08:02 173521      /usr/bin/a b",
                        "00651000-00652000 r--p 00051000 08:02 173521      /usr/bin/a b",
                        "7f0000000000-7f0000001000 rw-p 00000000 fd:00 9   /x (deleted)",
                        "7f0000002000-7f0000003000 rw-p 00000000 fd:01 9   /y",
                        "7ffe00000000-7ffe00001000 rw-p 00000000 00:00 0   [stack]"));
    }

    @Test
    void whatIsNoLineIsNothing() {
        assertEquals(
                List.of(),
                names(
                        "",
                        " ",
                        "a",
                        "- r 0 : 1",
                        "x-y r-xp 0 08:02 1",
                        "1-2 r-xp 0 0802 1",
                        "1-2 r-xp 0 0802 1 /a:b",
                        "1-2 r-xp 0 08:02",
                        "1-2 r-xp 0 08:02 ",
                        "1-2 r-xp 0 08: 1",
                        "1-2 r-xp 0 :02 1",
                        "12 r-xp 0 08:02 1 /a-b",
                        "1-2",
                        "1-2 r-xp 00:1 0802 1",
                        "1-2 r-xp 0 08:zz 1",
                        "12 r-xp 0 08:02 1",
                        "1-fffffffffffffffff r-xp 0 08:02 1",
                        "1-2 r-xp 0 999999999:02 1"));
    }

    @Test
    void findsWhatAProcessHasMapped() throws Exception {
        Process process = new ProcessBuilder("sleep", "1000").start();
        try {
            Path exe = Path.of("/proc/" + process.pid() + "/exe");
            while (!Files.readSymbolicLink(exe).toString().endsWith("sleep")) {
                Thread.sleep(10);
            }
            int pid = Math.toIntExact(process.pid());
            List<OpenFile> all = new MappedFiles(calls).of(pid, null);
            Object inode = Files.getAttribute(exe, "unix:ino");
            assertTrue(all.stream().anyMatch(file -> inode.equals(file.stat.ino)), all::toString);
            for (OpenFile file : all) {
                assertEquals('/', (char) file.path()[0]);
            }
            assertEquals(List.of(), new MappedFiles(calls).of(pid, Set.of("1:1")));
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertEquals(List.of(), new MappedFiles(calls).of(Math.toIntExact(process.pid()), null), "it is gone");
    }

    /** Whoever runs a process can have its memory's lock held; that holds up nobody. */
    @Test
    void aProcessThatDoesNotAnswerIsLeft() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        LinuxCalls hanging = (LinuxCalls) Proxy.newProxyInstance(
                LinuxCalls.class.getClassLoader(), new Class<?>[] {LinuxCalls.class}, (self, method, arguments) -> {
                    if (method.getName().equals("read")) {
                        held.await();
                        ((ByteBuffer) arguments[1]).put("torn".getBytes(StandardCharsets.US_ASCII));
                        return 0;
                    }
                    return method.invoke(calls, arguments);
                });
        int self = Math.toIntExact(ProcessHandle.current().pid());
        try {
            assertEquals(List.of(), new MappedFiles(hanging).of(self, null));
            long begin = System.nanoTime();
            assertEquals(List.of(), new MappedFiles(hanging).of(self, null), "not asked again while it hangs");
            assertTrue(System.nanoTime() - begin < 400_000_000L);
        } finally {
            held.countDown();
        }
        long end = System.nanoTime() + 10_000_000_000L;
        while (new MappedFiles(calls).of(self, null).isEmpty()) {
            assertTrue(System.nanoTime() < end, "it is asked again once it answers");
            Thread.sleep(10);
        }
    }
}
