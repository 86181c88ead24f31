package dev.veneer.node.execute;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statfs;
import dev.veneer.node.tree.rebase.RebasePlan;
import dev.veneer.node.tree.rewrite.Steps;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForeseenMoveTest {
    private static final RebasePlan PLAN = RebaseDecision.kept(new Steps(), Map.of(), 0, 0);
    private static final Clock LATER = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(1));

    private static final long TMPFS_MAGIC = 0x01021994;

    private final LinuxCalls calls = on(Abi.EXT4_SUPER_MAGIC);

    @TempDir
    Path tree;

    private Path file;
    private Fd root;

    @BeforeEach
    void open() throws Exception {
        file = Files.writeString(tree.resolve("file"), "content");
        root = new Fd(
                calls,
                calls.openat2(Abi.AT_FDCWD, PathBytes.of(tree.toString()), Abi.O_RDONLY | Abi.O_DIRECTORY, 0, 0));
    }

    @AfterEach
    void close() {
        root.close();
    }

    /** Wherever the test runs. */
    private static LinuxCalls on(long fileSystem) {
        LinuxCalls real = new JnrLinuxCalls();
        return (LinuxCalls) Proxy.newProxyInstance(
                ForeseenMoveTest.class.getClassLoader(),
                new Class<?>[] {LinuxCalls.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("fstatfs")) {
                        return new Statfs(fileSystem, 1, 1, 1, 1, 1, false);
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** A write through a mapping moves no time there. */
    @Test
    void onATmpfsNothingIsForeseen() throws Exception {
        assertNull(ForeseenMove.Before.of(on(TMPFS_MAGIC), root.number(), LATER).decided(PLAN));
    }

    @Test
    void itHoldsUntilSomethingIsWritten() throws Exception {
        ForeseenMove foresight =
                ForeseenMove.Before.of(calls, root.number(), LATER).decided(PLAN);
        assertNotNull(foresight);
        assertSame(PLAN, foresight.ifStill(calls, root.number()));
        Thread.sleep(12);
        Files.writeString(file, "CONTENT");
        assertNull(foresight.ifStill(calls, root.number()));
    }

    @Test
    void whatWasJustWrittenMayBeWrittenAgainUnseen() throws Exception {
        assertNull(
                ForeseenMove.Before.of(calls, root.number(), Clock.systemUTC()).decided(PLAN));
    }

    /** A host's own programs may work in a sliver that does not run. */
    @Test
    void whatVanishesMeanwhileIsNoFailure() throws Exception {
        LinuxCalls vanishing = (LinuxCalls) Proxy.newProxyInstance(
                ForeseenMoveTest.class.getClassLoader(),
                new Class<?>[] {LinuxCalls.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("statx")
                            && new String((byte[]) arguments[1], StandardCharsets.UTF_8).equals("file")) {
                        throw new LinuxException("statx", Errno.ENOENT, "file");
                    }
                    try {
                        return method.invoke(calls, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        assertNull(ForeseenMove.Before.of(vanishing, root.number(), LATER).decided(PLAN));
    }
}
