package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.loop.PassResult;
import dev.veneer.node.loop.Reconciler;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.plan.Requests;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A container that writes while it is being stopped, after its sliver was looked at for a compaction: with the same size and
 * the same modification time as before.
 */
@Timeout(180)
class LastWordsIT {
    /** What is older is not compared again when the sliver is down. */
    private static final long SETTLED_MILLIS = 2_000;

    private static final Requests COMPACT = Requests.toCompact(Set.of(new SliverId("default", "web")));

    private static final String INIT =
            """
            #!/bin/sh
            [ -e /root/made ] || {
              for f in one two; do cp /data/$f /data/new; touch -d @1000000000 /data/new; mv /data/new /data/$f; done
              : >/root/made
            }
            trap 'printf last >/data/one; touch -d @1000000000 /data/one; exit 0' PWR
            while :; do sleep 0.05; done
            """;

    private static String image(NodeOnLoop node) throws Exception {
        Path tree = Files.createDirectory(node.archives.resolve("writing"));
        List<String> tops = List.of("bin", "sbin", "etc", "proc", "sys", "dev", "tmp", "run", "root", "data");
        for (String directory : tops) {
            Files.createDirectories(tree.resolve(directory));
        }
        Files.copy(Path.of("/usr/bin/busybox"), tree.resolve("bin/busybox"));
        for (String applet : List.of("sh", "sleep", "cp", "mv", "touch", "printf")) {
            Files.createSymbolicLink(tree.resolve("bin").resolve(applet), Path.of("busybox"));
        }
        Files.writeString(tree.resolve("data/one"), "then");
        Files.writeString(tree.resolve("data/two"), "then");
        Path init = Files.writeString(tree.resolve("sbin/init"), INIT);
        Commands.run("chmod", "0755", init.toString());
        Commands.run(
                "touch",
                "-d",
                "@1000000000",
                tree.resolve("data/one").toString(),
                tree.resolve("data/two").toString());
        return node.pack("writing", tree, tops);
    }

    @ParameterizedTest
    @CsvSource({"XFS, overlay, upper", "BTRFS, btrfs-snapshot, ", "XFS, copy, "})
    void theyAreKept(LoopDevice.Kind kind, String driver, String layer) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            node.write("base.yaml", NodeOnLoop.image("base", image(node)));
            node.write("web.yaml", NodeOnLoop.sliver("web", "driver: " + driver, "desiredState: Started"));
            try {
                NodeOnLoop.Said made = node.apply();
                assertEquals(0, made.status(), made.text());
                Path rootfs = node.rootfs("web");
                for (int i = 0; i < 600 && !Files.exists(rootfs.resolve("root/made")); i++) {
                    Thread.sleep(50);
                }
                assertEquals("then", Files.readString(rootfs.resolve("data/one")));
                Thread.sleep(SETTLED_MILLIS);
                NodeOnLoop.Said said = node.run("compact", "sliver", "web");
                assertEquals(0, said.status(), said.text());
                assertEquals("last", Files.readString(rootfs.resolve("data/one")));
                assertEquals("then", Files.readString(rootfs.resolve("data/two")));
                if (layer != null) {
                    Path upper = node.revision("web", 2).resolve(layer);
                    assertTrue(Files.exists(upper.resolve("data/one")));
                    assertFalse(Files.exists(upper.resolve("data/two")), "what the base has is dropped");
                }
            } finally {
                Files.delete(node.files.resolve("web.yaml"));
                node.apply();
            }
        }
    }

    private static boolean opensTwo(FaultyLinuxCalls.Call call) {
        return call.name().equals("openat2")
                && new String((byte[]) call.arguments().get(1), StandardCharsets.UTF_8).equals("two");
    }

    /** By the passes of an agent, whose plans are made anew each time. Measuring opens no file on this file system. */
    @Test
    void whatIsAsItWasIsNotReadWhileTheSliverIsDown() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.EXT4)) {
            node.write("base.yaml", NodeOnLoop.image("base", image(node)));
            node.write("web.yaml", NodeOnLoop.sliver("web", "driver: overlay", "desiredState: Started"));
            try {
                NodeOnLoop.Said made = node.apply();
                assertEquals(0, made.status(), made.text());
                for (int i = 0; i < 600 && !Files.exists(node.rootfs("web").resolve("root/made")); i++) {
                    Thread.sleep(50);
                }
                Thread.sleep(SETTLED_MILLIS);
                FaultyLinuxCalls counting = new FaultyLinuxCalls(new JnrLinuxCalls()).counting(LastWordsIT::opensTwo);
                try (NodeParts parts = NodeParts.open(counting.calls(), node.store.toString(), "test")) {
                    Reconciler reconciler =
                            new Reconciler(PrepareIT.input(node, parts), parts.observer(), Clock.systemUTC());
                    PassResult first = PrepareIT.pass(parts, reconciler, COMPACT);
                    assertFalse(isCompacted(first), "it is still being stopped: " + first.results());
                    long looked = counting.counted();
                    assertTrue(looked > 0);
                    PassResult last = first;
                    for (int i = 0; i < 600 && !isCompacted(last); i++) {
                        Thread.sleep(50);
                        last = PrepareIT.pass(parts, reconciler, COMPACT);
                    }
                    assertTrue(isCompacted(last), last.results().toString());
                    assertEquals(looked, counting.counted());
                }
            } finally {
                Files.delete(node.files.resolve("web.yaml"));
                node.apply();
            }
        }
    }

    private static boolean isCompacted(PassResult pass) {
        return pass.results().stream()
                .anyMatch(each ->
                        each.action() instanceof Rewrite.Compact && each.outcome() == ActionResult.Outcome.DONE);
    }
}
