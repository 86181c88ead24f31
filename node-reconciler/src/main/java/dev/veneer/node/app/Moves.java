package dev.veneer.node.app;

import dev.veneer.node.cli.Quantities;
import dev.veneer.node.execute.RebasePreview;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.RebaseSummary;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.Plan;
import dev.veneer.node.plan.Rewrite;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the moves of a plan to other base images would come to, thought through beforehand. */
final class Moves {
    /** Of no move. */
    static final Moves NONE = new Moves(Map.of());

    private final Map<Action, RebasePreview.Told> told;

    private Moves(Map<Action, RebasePreview.Told> told) {
        this.told = told;
    }

    /** Thinks all moves of a plan through; reads what the slivers hold. */
    static Moves of(Plan plan, ActualState actual, NodeParts node) {
        Map<Action, RebasePreview.Told> told = new HashMap<>();
        RebasePreview preview = new RebasePreview(node.calls(), node.store().layout(), node.drivers(), node.mounts());
        for (Action action : plan.actions()) {
            if (!(action instanceof Rewrite.Rebase move)) {
                continue;
            }
            ActualSliver there = actual.slivers().get(move.record().id());
            RebasePreview.Told thought = there == null ? null : told(preview, there, move);
            if (thought != null) {
                told.put(action, thought);
            }
        }
        return told.isEmpty() ? NONE : new Moves(told);
    }

    private static RebasePreview.@Nullable Told told(RebasePreview preview, ActualSliver now, Rewrite.Rebase move) {
        SliverRecord next = move.record();
        try {
            return preview.of(
                    now.record(), now.revisions(), next.baseName(), next.baseDigest(), move.settings(), move.pins());
        } catch (NodeException e) {
            return null; // it will be told when it is tried; a plan is as good without its figures
        }
    }

    RebasePreview.@Nullable Told of(Action action) {
        return told.get(action);
    }

    /** Bytes that an action writes at most; 0 for what is no move. */
    long bytes(Action action) {
        RebasePreview.Told move = told.get(action);
        return move == null ? 0 : move.summary().bytesWritten();
    }

    /** What a plan says behind an action; empty for what is no move. */
    String words(Action action) {
        RebasePreview.Told move = told.get(action);
        if (move == null) {
            return "";
        }
        RebaseSummary sums = move.summary();
        String counts = " [" + sums.followed() + " followed, " + sums.kept() + " kept, " + sums.merged() + " merged, "
                + sums.converged() + " converged, " + sums.conflicts() + " conflicts; holds files of "
                + Quantities.bytes(sums.bytesWritten()) + "]";
        return move.possible() ? counts : counts + " CONFLICTS ARE LEFT: it would stay on " + sums.from();
    }
}
