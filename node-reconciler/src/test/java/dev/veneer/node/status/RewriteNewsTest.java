package dev.veneer.node.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.v1alpha1.Condition;
import dev.veneer.api.v1alpha1.SliverStatus;
import dev.veneer.node.execute.Working;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.WorkProgress;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.testkit.RecordBuilder;
import dev.veneer.node.tree.LongWork;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RewriteNewsTest {
    private static final SliverId WEB = new SliverId("default", "web");
    private static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");
    private static final String BEFORE = "2026-01-01T00:00:00Z";

    private final RewriteNews news = new RewriteNews();

    private static Working working(boolean begun, long seconds) {
        return new Working(
                new Rewrite.Compact(RecordBuilder.of(WEB).revision(2).build(), 1, List.of(), false, "test"),
                begun,
                LongWork.Stage.WRITING,
                new WorkProgress(12_400, 15_000, 0, 0, Duration.ofMillis(500)),
                Duration.ofSeconds(seconds),
                NOW);
    }

    private static Condition condition(String type, Condition.Status status, String message) {
        return new Condition(type, status, 3L, BEFORE, "Succeeded", message);
    }

    private static SliverStatus status(Condition... conditions) {
        return new SliverStatus(
                3L,
                "overlay",
                null,
                null,
                null,
                null,
                1L,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(),
                List.of(),
                List.of(conditions),
                null,
                List.of());
    }

    @Test
    void whatIsOverSoonIsNotToldAndTheRestSeldom() {
        int told = 0;
        for (int second = 0; second < 60; second++) {
            told += news.isDue(working(true, second)) ? 1 : 0;
            assertTrue(second >= 5 || told == 0, "told after " + second + " s");
        }
        assertEquals(6, told);
        assertEquals(Set.of(WEB), news.taken());
        assertEquals(Set.of(), news.taken());
    }

    /** After it was looked at, the work itself begins anew. */
    @Test
    void theNextWorkOfASliverIsToldOfToo() {
        assertTrue(news.isDue(working(false, 300)));
        assertFalse(news.isDue(working(true, 1)));
        assertTrue(news.isDue(working(true, 6)));
        assertFalse(news.isDue(working(true, 7)));
    }

    @Test
    void aSliverThatIsDownSaysWhatIsDone() {
        SliverStatus now = RewriteNews.with(
                status(
                        condition("Ready", Condition.Status.True, "runs"),
                        condition("BaseUpToDate", Condition.Status.True, "stands on it"),
                        condition("Stalled", Condition.Status.True, "before")),
                working(true, 10));
        assertEquals(3, now.conditions().size(), now.conditions().toString());
        for (Condition each : now.conditions().subList(0, 2)) {
            assertEquals("Progressing", each.reason());
            assertEquals("compacting, writing: 12,400 of 15,000 files", each.message());
            assertEquals(NOW.toString(), each.lastTransitionTime());
        }
        assertEquals(Condition.Status.False, now.conditions().get(0).status());
        assertEquals("BaseUpToDate", now.conditions().get(2).type());
        assertEquals(1L, now.revision());
        SliverStatus later = RewriteNews.with(now, working(true, 20));
        assertEquals(now, later, "as long as it goes on its beginning is the same");
    }

    /** It would say so and take it back at each attempt, with a new time of transition. */
    @Test
    void aSliverThatIsStalledAndLookedAtAgainStaysStalled() {
        SliverStatus stalled = status(
                condition("Ready", Condition.Status.False, "conflict"),
                condition("Stalled", Condition.Status.True, "conflict"));
        assertEquals(stalled, RewriteNews.with(stalled, working(false, 10)));
    }

    @Test
    void aSliverThatIsLookedAtStaysReady() {
        SliverStatus now =
                RewriteNews.with(status(condition("Ready", Condition.Status.True, "runs")), working(false, 10));
        assertEquals(2, now.conditions().size());
        assertEquals("Reconciling", now.conditions().get(0).type());
        assertEquals(
                "compacting, looking beforehand: 12,400 of 15,000 files",
                now.conditions().get(0).message());
        assertEquals(
                condition("Ready", Condition.Status.True, "runs"),
                now.conditions().get(1));
    }
}
