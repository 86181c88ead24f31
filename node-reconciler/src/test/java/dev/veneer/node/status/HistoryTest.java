package dev.veneer.node.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.veneer.api.Reason;
import dev.veneer.api.v1alpha1.HistoryEntry;
import dev.veneer.api.v1alpha1.SliverStatus;
import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.plan.Action;
import dev.veneer.node.testkit.RecordBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HistoryTest {
    private static final SliverId WEB = new SliverId("default", "web");
    private static final Instant T = Instant.parse("2026-01-02T03:04:05Z");

    private final SliverRecord record = RecordBuilder.of(WEB).revision(2).build();

    private static SliverStatus status(List<HistoryEntry> history) throws Exception {
        ObjectMapper json = new ObjectMapper();
        var object = json.createObjectNode();
        object.set("history", json.valueToTree(history));
        return json.treeToValue(object, SliverStatus.class);
    }

    private static ActionResult result(int minutes, String reason, @Nullable String failure) {
        return new ActionResult(
                new Action.Mount(WEB, true, reason),
                failure == null ? ActionResult.Outcome.DONE : ActionResult.Outcome.FAILED,
                failure == null ? null : new NodeException(Reason.Failed, Follow.RETRY, failure),
                true,
                T.plusSeconds(60L * minutes),
                Duration.ZERO,
                ActionResult.Effect.NONE);
    }

    private List<HistoryEntry> after(List<HistoryEntry> before, ActionResult... results) throws Exception {
        return History.of(status(before), List.of(results), record);
    }

    @Test
    void whatHappensOnceHasNoCount() throws Exception {
        List<HistoryEntry> history = History.of(null, List.of(result(0, "why", null)), record);
        assertEquals(List.of(new HistoryEntry("2026-01-02T03:04:05Z", "Mount", 2, "why", null, null)), history);
        String text = new ObjectMapper().writeValueAsString(history.get(0));
        assertFalse(text.contains("count") || text.contains("firstTime"), "as the version before wrote it: " + text);
        assertEquals(history, after(history));
    }

    @Test
    void theSameInARowIsOneWithACount() throws Exception {
        List<HistoryEntry> history = List.of();
        for (int i = 0; i < 12; i++) {
            history = after(history, result(i, "why", "no such device"));
        }
        HistoryEntry once = new HistoryEntry(
                "2026-01-02T03:15:05Z", "MountFailed", 2, "no such device", "2026-01-02T03:04:05Z", 12);
        assertEquals(List.of(once), history);
        history = after(history, result(20, "why", null), result(21, "why", null));
        HistoryEntry done = new HistoryEntry("2026-01-02T03:25:05Z", "Mount", 2, "why", "2026-01-02T03:24:05Z", 2);
        assertEquals(List.of(done, once), history);
        history = after(history, result(30, "why", "no such device"));
        assertEquals(3, history.size(), "it began anew");
        assertEquals(null, history.get(0).count());
    }

    @Test
    void anotherMessageOrRevisionIsAnotherEntry() throws Exception {
        List<HistoryEntry> history = after(List.of(), result(0, "why", null));
        assertEquals(2, after(history, result(1, "other", null)).size());
        List<HistoryEntry> next = History.of(
                status(history),
                List.of(result(1, "why", null)),
                RecordBuilder.of(WEB).revision(3).build());
        assertEquals(2, next.size());
    }

    @Test
    void whatEarlierVersionsWroteIsCountedTogether() throws Exception {
        List<HistoryEntry> before = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            before.add(new HistoryEntry("2026-01-01T00:0" + (3 - i) + ":00Z", "Mount", 2, "why", null, null));
        }
        HistoryEntry all = new HistoryEntry("2026-01-01T00:03:00Z", "Mount", 2, "why", "2026-01-01T00:01:00Z", 3);
        assertEquals(List.of(all), after(before));
        assertEquals(List.of(all), after(List.of(all)), "and not again");
    }

    @Test
    void oddCountsDoNoHarm() throws Exception {
        HistoryEntry most = new HistoryEntry("2026-01-01T00:00:00Z", "Mount", 2, "why", "never", Integer.MAX_VALUE);
        assertEquals(
                Integer.MAX_VALUE,
                after(List.of(most), result(0, "why", null)).get(0).count());
        HistoryEntry none = new HistoryEntry("2026-01-01T00:00:00Z", "Mount", 2, "why", null, -7);
        assertEquals(2, after(List.of(none), result(0, "why", null)).get(0).count());
    }

    @Test
    void onlyTheNewestAreKept() throws Exception {
        List<HistoryEntry> history = List.of();
        for (int i = 0; i < 9; i++) {
            history = after(history, result(i, "why " + i, null));
        }
        assertEquals(
                List.of("why 8", "why 7", "why 6", "why 5", "why 4"),
                history.stream().map(HistoryEntry::message).toList());
    }
}
