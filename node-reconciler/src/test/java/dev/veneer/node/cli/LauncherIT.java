package dev.veneer.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged distribution, copied elsewhere and started as a person would. */
class LauncherIT {
    private record Ended(int status, String out, String err) {}

    @TempDir
    private Path directory;

    private Path home;
    private Path cache;

    @BeforeEach
    void copy() throws IOException, InterruptedException {
        home = directory.resolve("a place/ünder");
        cache = directory.resolve("cache");
        Files.createDirectories(home.getParent());
        assertEquals(
                0,
                new ProcessBuilder("cp", "-r", "target/veneer", home.toString())
                        .start()
                        .waitFor());
    }

    private Ended run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        return run(home.resolve("bin/veneer"), environment, arguments);
    }

    private Ended run(Path launcher, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().put("PATH", System.getenv("PATH"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("VENEER_CACHE", cache.toString());
        builder.environment().putAll(environment);
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        Process process = builder.redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .directory(directory.toFile())
                .start();
        int status = process.waitFor();
        return new Ended(status, Files.readString(out), Files.readString(err));
    }

    private List<Path> archives() throws IOException {
        try (Stream<Path> list = Files.list(cache)) {
            return list.filter(file -> file.toString().endsWith(".jsa"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void startsFromAnywhereAndMakesItsArchiveOnce() throws IOException, InterruptedException {
        Ended first = run(Map.of(), "--version");
        assertEquals(new Ended(0, first.out(), ""), first);
        assertTrue(first.out().startsWith("veneer "), first.out());
        assertEquals(1, archives().size());
        Path archive = archives().get(0);
        assertTrue(Files.size(archive) > 1 << 20, archive + " has " + Files.size(archive) + " bytes");
        Object made = Files.getLastModifiedTime(archive);
        Ended second = run(Map.of(), "--version");
        assertEquals(first, second);
        assertEquals(made, Files.getLastModifiedTime(archive));
    }

    @Test
    void theArchiveIsReallyUsed() throws IOException, InterruptedException {
        // At a path that is not plain ASCII the JVM archives only its own classes.
        Path plain = directory.resolve("plain");
        Files.move(home, plain);
        home = plain;
        run(Map.of(), "--version");
        // The options of the launcher silence the JVM's log; the last one given wins.
        Ended told =
                run(Map.of("VENEER_JAVA_OPTS", "-Xlog:class+load:file=" + directory.resolve("classes")), "--version");
        assertEquals(0, told.status(), told.err());
        String classes = Files.readString(directory.resolve("classes"));
        assertTrue(
                classes.contains("dev.veneer.node.cli.Veneer source: shared objects file (top)"),
                "not from the archive");
    }

    @Test
    void aClosedStreamIsNotWhatTheJvmOpensFirst() throws IOException, InterruptedException {
        Path shell = Path.of("/bin/sh");
        String veneer = home.resolve("bin/veneer").toString();
        String store = directory.resolve("none").toString();
        Ended input = run(shell, Map.of(), "-c", "exec \"$0\" plan -f - --store \"$1\" <&-", veneer, store);
        assertEquals(new Ended(0, "note: standard input: holds no object\nNothing to do.\n", ""), input);
        Ended output = run(shell, Map.of(), "-c", "exec \"$0\" --version >&-", veneer);
        assertEquals(new Ended(0, "", ""), output);
    }

    @Test
    void aCacheThatCannotBeWrittenIsNoMatter() throws IOException, InterruptedException {
        Files.writeString(cache, "a file where the directory should be");
        Ended ended = run(Map.of(), "--version");
        assertEquals(new Ended(0, ended.out(), ""), ended);
        assertEquals(new Ended(0, ended.out(), ""), run(Map.of("VENEER_CACHE", ""), "--version"));
        assertEquals(new Ended(0, ended.out(), ""), run(Map.of("VENEER_CACHE", "/proc/nowhere"), "--version"));
    }

    @Test
    void aBrokenArchiveIsNoMatter() throws IOException, InterruptedException {
        Ended good = run(Map.of(), "--version");
        Path archive = archives().get(0);
        byte[] content = Files.readAllBytes(archive);
        archive.toFile().setWritable(true);
        Files.write(archive, java.util.Arrays.copyOf(content, content.length / 2));
        assertEquals(good, run(Map.of(), "--version"));
    }

    @Test
    void linksLeadToIt() throws IOException, InterruptedException {
        Path link = Files.createSymbolicLink(directory.resolve("veneer"), home.resolve("bin/veneer"));
        Path second = Files.createSymbolicLink(directory.resolve("v"), Path.of("veneer"));
        assertEquals(0, run(link, Map.of(), "--version").status());
        assertEquals(0, run(second, Map.of(), "--version").status());
    }

    @Test
    void javaThatIsMissingOrTooOldIsNamed() throws IOException, InterruptedException {
        Ended missing = run(Map.of("JAVA_HOME", "/nowhere"), "--version");
        assertEquals(
                new Ended(
                        1,
                        "",
                        "veneer: JAVA_HOME is /nowhere, but /nowhere/bin/java does not exist: correct or unset JAVA_HOME\n"),
                missing);
        Path old = directory.resolve("jdk-11");
        Files.createDirectories(old.resolve("bin"));
        Files.writeString(old.resolve("bin/java"), "#!/bin/sh\nexit 0\n");
        old.resolve("bin/java").toFile().setExecutable(true);
        Files.writeString(old.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"11.0.2\"\n");
        Ended tooOld = run(Map.of("JAVA_HOME", old.toString()), "--version");
        assertEquals(1, tooOld.status());
        assertTrue(tooOld.err().startsWith("veneer: Java 17 or newer is needed, but "), tooOld.err());
        assertTrue(tooOld.err().contains("is version 11.0.2"), tooOld.err());
    }

    @Test
    void argumentsArriveAsTheyAre() throws IOException, InterruptedException {
        Ended ended = run(Map.of(), "größe * $HOME `id` \"x\"");
        assertEquals(64, ended.status());
        assertTrue(ended.err().contains("größe * $HOME `id` \"x\""), ended.err());
    }

    @Test
    void leavesNothingInTmp() throws IOException, InterruptedException {
        Path tmp = Files.createDirectory(directory.resolve("tmp"));
        run(
                Map.of("VENEER_JAVA_OPTS", "-Djava.io.tmpdir=" + tmp),
                "doctor",
                "--store",
                directory.resolve("store").toString());
        try (Stream<Path> left = Files.list(tmp)) {
            assertEquals(List.of(), left.toList());
        }
        assertFalse(
                new String(Files.readAllBytes(directory.resolve("err")), StandardCharsets.UTF_8).contains("WARNING"));
    }
}
