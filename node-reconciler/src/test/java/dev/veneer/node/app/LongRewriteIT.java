package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.loop.PassResult;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;

/** Rewriting that takes long: its sliver's status says so meanwhile, and how far it is. */
class LongRewriteIT {
    private static final int FILES = 32;

    private static String condition(Site site, String type) throws Exception {
        JsonNode status = AgentSocket.JSON.readTree(
                site.store().resolve("slivers/default/web/status.json").toFile());
        for (JsonNode each : status.path("conditions")) {
            if (each.path("type").asText().equals(type)) {
                return each.path("status").asText() + " " + each.path("reason").asText() + " "
                        + each.path("message").asText();
            }
        }
        return "";
    }

    @Test
    void theStatusSaysHowFarItIs() throws Exception {
        try (Site site = Site.on(LoopDevice.Kind.XFS)) {
            site.declare(site.image(""), Site.sliver("web", "driver: overlay"));
            site.converge();
            for (int i = 0; i < FILES; i++) {
                Files.writeString(site.rootfs("web").resolve("own" + i), "own" + i);
            }
            site.askToCompact("web");
            Set<String> seen = new ConcurrentSkipListSet<>();
            FaultyLinuxCalls slow = new FaultyLinuxCalls(Site.REAL)
                    .counting(call -> call.name().equals("linkat"))
                    .before((call, number) -> {
                        Thread.sleep(200);
                        seen.add(condition(site, "Ready"));
                    });
            PassResult result = site.pass(slow.calls());
            assertEquals(
                    ActionResult.Outcome.DONE,
                    result.results().stream()
                            .filter(each -> each.action() instanceof Rewrite.Compact)
                            .findFirst()
                            .orElseThrow()
                            .outcome());
            seen.removeIf(each -> each.startsWith("True"));
            assertFalse(seen.isEmpty(), "nothing was told");
            assertTrue(seen.size() <= 4, "written too often: " + seen);
            for (String each : seen) {
                assertTrue(
                        each.matches("False Progressing compacting, writing: \\d+ of \\d+ files, \\d+ files/s, \\d+ s"
                                + " left"),
                        each);
            }
            assertTrue(condition(site, "Ready").startsWith("True "), condition(site, "Ready"));
            assertEquals("", condition(site, "Reconciling"));
            site.converge();
        }
    }
}
