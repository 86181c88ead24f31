package dev.veneer.node.plan;

import dev.veneer.api.Annotations;
import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.Claim;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.SourceState;
import org.jspecify.annotations.Nullable;

/** Whether a declaration is one of the very object that the store has under its name. */
final class Ownership {
    private static final String OPERATOR = "have the operator annotate the NodeStore with " + Annotations.ADOPT
            + ": \"true\", as long as its slivers are to take up whatever lies there under their names";
    private static final String ADOPT = "annotate it with " + Annotations.ADOPT + ": \"true\" to have it take ";

    private Ownership() {}

    /** Why a declaration does not count for a sliver that is there, or null when it does. */
    static @Nullable NodeException refusal(
            SliverRecord record, @Nullable DeclaredIdentity identity, SourceState source) {
        return switch (Claim.of(record, identity, source.id())) {
            case OWN -> null;
            case OTHER_SOURCE -> source.takesOver() ? null : otherSource(record, identity);
            case OTHER_NAMESPACE ->
                refusal(
                        Reason.OtherObject,
                        "this Sliver is in another namespace of that name than the one that the data lying here are of, or it"
                                + " cannot be read which one it is",
                        OPERATOR);
            case OTHER_OBJECT ->
                refusal(
                        Reason.OtherObject,
                        "this Sliver is another object than the one whose data lie here (uid " + record.uid()
                                + "), which nobody deleted",
                        ADOPT + "them up");
            case LATER_GENERATION ->
                refusal(
                        Reason.OtherObject,
                        "this Sliver is older than what was acted on here (generation " + record.generation()
                                + "), as after a restore of the cluster",
                        ADOPT + "them up");
        };
    }

    private static NodeException otherSource(SliverRecord record, @Nullable DeclaredIdentity identity) {
        String why = "this Sliver was declared by another source (" + record.sourceId() + ")";
        return identity == null
                ? new NodeException(Reason.OtherSource, Follow.STALLED, why + "; --take-over takes it over")
                : refusal(Reason.OtherSource, why, OPERATOR);
    }

    private static NodeException refusal(Reason reason, String why, String answer) {
        return new NodeException(
                reason,
                Follow.STALLED,
                why + "; what was last acted on stays in force. Delete it to leave those data alone, or " + answer);
    }

    /** The same for a BaseImage. Its content is known by digest, so it does not matter which object of its name it is. */
    static @Nullable NodeException refusal(
            ImageRecord record, @Nullable DeclaredIdentity identity, SourceState source) {
        if (record.sourceId().equals(source.id()) || source.takesOver() || (identity != null && identity.adopts())) {
            return null;
        }
        return new NodeException(
                Reason.OtherSource,
                Follow.STALLED,
                "this BaseImage was declared by another source (" + record.sourceId() + "); "
                        + (identity == null ? "--take-over takes it over" : ADOPT + "it over"));
    }
}
