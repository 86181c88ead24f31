package dev.veneer.node.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.veneer.api.v1alpha1.LastRollback;
import dev.veneer.node.model.RollbackState;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.testkit.RecordBuilder;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is told of revisions when the pass that made them could not tell. */
class RevisionStatusTest {
    private static SliverRecord record(RollbackState rollback) {
        return RecordBuilder.of(new SliverId("default", "web"))
                .revision(2)
                .rollback(rollback)
                .build();
    }

    @Test
    void aRollbackWhosePassWasKilledIsToldByTheRecord() {
        SliverRecord record = record(new RollbackState(3, 2, Instant.parse("2026-01-02T03:04:05.6Z"), "held", null));
        assertEquals(
                new LastRollback("2026-01-02T03:04:05Z", 3, 2),
                RevisionStatus.of(null, record, List.of()).lastRollback());
    }

    @Test
    void anOrderThatANewSliverIsDeclaredWithIsNoRollback() {
        assertNull(RevisionStatus.of(null, record(RollbackState.ofNew(3)), List.of())
                .lastRollback());
    }
}
