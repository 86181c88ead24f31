package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Invariant 7: a container that does not want to end has its grace, and every other sliver goes on meanwhile. */
class SlowStopIT {
    private static final int GRACE_SECONDS = 10;

    private NodeOnLoop node;
    private ChildVeneer agent;

    @BeforeEach
    void start() throws Exception {
        node = new NodeOnLoop(LoopDevice.Kind.XFS);
        node.write("base.yaml", NodeOnLoop.image("base", stubborn()));
        declareSlow("grace: " + GRACE_SECONDS + "s");
        NodeOnLoop.Said said = node.apply();
        assertEquals(0, said.status(), said.text());
        assertTrue(runs());
    }

    /** A base whose init pays no heed to the signal that asks it to halt. */
    private String stubborn() throws IOException {
        Path tree = Files.createDirectory(node.archives.resolve("stubborn"));
        for (String directory : List.of("bin", "sbin", "etc", "proc", "sys", "dev", "tmp", "run", "root")) {
            Files.createDirectories(tree.resolve(directory));
        }
        Files.copy(Path.of("/usr/bin/busybox"), tree.resolve("bin/busybox"));
        Files.createSymbolicLink(tree.resolve("bin/sh"), Path.of("busybox"));
        Files.createSymbolicLink(tree.resolve("bin/sleep"), Path.of("busybox"));
        Path init = Files.writeString(tree.resolve("sbin/init"), "#!/bin/sh\ntrap '' PWR; while :; do sleep 1; done\n");
        Commands.run("chmod", "0755", init.toString());
        return node.pack("stubborn", tree, List.of("bin", "sbin", "etc", "proc", "sys", "dev", "tmp", "run", "root"));
    }

    private void declareSlow(String update) throws IOException {
        node.write("slow.yaml", NodeOnLoop.sliver("slow", "desiredState: Started", "update: {" + update + "}"));
    }

    @AfterEach
    void end() throws IOException {
        try {
            if (agent != null) {
                agent.close();
            }
            declareSlow("grace: 1s");
            node.apply();
            Files.delete(node.files.resolve("slow.yaml"));
            node.apply();
        } finally {
            node.close();
        }
    }

    private boolean runs() {
        // What follows "--" is the guest's, so the store is named before it; busybox's true ignores what comes behind.
        return node.run("exec", "--store", node.store.toString(), "slow", "--", "/bin/busybox", "true")
                        .status()
                == 0;
    }

    private boolean isThere() {
        return Files.exists(node.store.resolve("slivers/default/slow"));
    }

    private boolean isMounted(String sliver) throws IOException {
        return node.mountedAt(node.rootfs(sliver)).size() == 1;
    }

    private void startAgent() throws IOException {
        agent = ChildVeneer.start("agent", "-f", node.files.toString(), "--store", node.store.toString());
    }

    private void await(Duration most, AgentIT.Condition condition) throws Exception {
        AgentIT.await(agent, most, condition);
    }

    @Test
    void othersGoOnWhileItHasItsGrace() throws Exception {
        startAgent();
        Files.delete(node.files.resolve("slow.yaml"));
        await(Duration.ofSeconds(60), () -> agent.said().contains("asked to end within"));
        node.write("other.yaml", NodeOnLoop.sliver("other", "driver: overlay"));
        await(Duration.ofSeconds(8), () -> isMounted("other"));
        assertTrue(runs(), "it still has its grace");
        NodeOnLoop.Said said = node.apply();
        assertEquals(0, said.status(), "a command waits for what it asked for: " + said.text());
        assertFalse(isThere(), said.text());
        assertTrue(isMounted("other"));
    }

    @Test
    void anAgentKilledMeanwhileIsFollowedByOneThatFinishes() throws Exception {
        startAgent();
        node.write("slow.yaml", NodeOnLoop.sliver("slow", "update: {grace: " + GRACE_SECONDS + "s}"));
        await(Duration.ofSeconds(60), () -> agent.said().contains("asked to end within"));
        assertTrue(agent.kill());
        startAgent();
        await(Duration.ofSeconds(60), () -> !runs() && isMounted("slow"));
    }

    @Test
    void withoutAnAgentTheCommandWaitsAndThenFinishes() throws Exception {
        Files.delete(node.files.resolve("slow.yaml"));
        node.write("other.yaml", NodeOnLoop.sliver("other", "driver: overlay"));
        NodeOnLoop.Said said = node.apply();
        assertEquals(0, said.status(), said.text());
        assertFalse(isThere(), said.text());
        assertTrue(isMounted("other"));
    }
}
