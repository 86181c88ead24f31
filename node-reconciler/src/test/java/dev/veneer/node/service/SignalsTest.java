package dev.veneer.node.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In a process of its own, since signals are a process's. */
@Timeout(60)
class SignalsTest {
    /** Prints what it is told; stops when told to, or never when asked to hang. */
    static final class Agent {
        private Agent() {}

        public static void main(String[] arguments) throws InterruptedException {
            CountDownLatch stop = new CountDownLatch(arguments.length > 0 ? 2 : 1);
            Signals signals = Signals.handle(
                    () -> {
                        System.out.println("stop");
                        stop.countDown();
                    },
                    () -> System.out.println("reload"));
            System.out.println("started");
            stop.await();
            signals.close();
        }
    }

    /** Signals as a process usually has them: one that is ignored when the JVM starts, as under nohup, stays so. */
    private static Process start(String... arguments) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String here = SignalsTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath();
        String main = Signals.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath();
        List<String> command = new java.util.ArrayList<>(
                List.of("env", "--default-signal=HUP,INT,TERM", java, "-cp", here + ":" + main, Agent.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void send(Process process, String signal) throws IOException, InterruptedException {
        assertEquals(
                0,
                new ProcessBuilder("sh", "-c", "kill -" + signal + " " + process.pid())
                        .start()
                        .waitFor());
    }

    @Test
    void hangupRereadsAndTermEndsWithZero() throws IOException, InterruptedException {
        Process agent = start();
        try (BufferedReader said = agent.inputReader()) {
            assertEquals("started", said.readLine());
            send(agent, "HUP");
            assertEquals("reload", said.readLine());
            send(agent, "HUP");
            assertEquals("reload", said.readLine());
            send(agent, "TERM");
            assertEquals("stop", said.readLine());
            assertEquals(0, agent.waitFor());
        } finally {
            agent.destroyForcibly();
        }
    }

    @Test
    void theSecondTermEndsAtOnce() throws IOException, InterruptedException {
        Process agent = start("hang");
        try (BufferedReader said = agent.inputReader()) {
            assertEquals("started", said.readLine());
            send(agent, "INT");
            assertEquals("stop", said.readLine());
            send(agent, "TERM");
            assertNotEquals(0, agent.waitFor());
            assertEquals(128 + 15, agent.exitValue());
        } finally {
            agent.destroyForcibly();
        }
    }
}
