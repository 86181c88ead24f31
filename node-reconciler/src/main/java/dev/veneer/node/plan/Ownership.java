package dev.veneer.node.plan;

import dev.veneer.api.Annotations;
import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.SourceState;
import org.jspecify.annotations.Nullable;

/** Whether a declaration is one of the very object that the store has under its name. */
final class Ownership {
    private static final String ADOPT = "annotate it with " + Annotations.ADOPT + ": \"true\" to have it take ";

    private Ownership() {}

    /** Why a declaration does not count for a sliver that is there, or null when it does. */
    static @Nullable NodeException refusal(
            SliverRecord record, @Nullable DeclaredIdentity identity, SourceState source) {
        if (record.retainedAt() != null) {
            // Its deletion was carried out; whoever declares it again is meant to have it.
            return null;
        }
        NodeException elsewhere = elsewhere("Sliver", record.sourceId(), identity, source);
        if (elsewhere != null || identity == null || identity.adopt()) {
            return elsewhere;
        }
        if (!record.uid().equals(identity.uid())) {
            return held("this Sliver is another object (uid " + identity.uid() + ") than the one whose data lie here ("
                    + record.uid() + "), which nobody deleted");
        }
        return identity.generation() < record.generation()
                ? held("this Sliver is older (generation " + identity.generation() + ") than what was acted on here ("
                        + record.generation() + "), as after a restore of the cluster")
                : null;
    }

    /** The same for a BaseImage. Its content is known by digest, so it does not matter which object of its name it is. */
    static @Nullable NodeException refusal(
            ImageRecord record, @Nullable DeclaredIdentity identity, SourceState source) {
        return elsewhere("BaseImage", record.sourceId(), identity, source);
    }

    private static NodeException held(String why) {
        return new NodeException(
                Reason.OtherObject,
                Follow.STALLED,
                why + "; what was last acted on stays in force. Delete it to leave those data alone, or " + ADOPT
                        + "them up");
    }

    private static @Nullable NodeException elsewhere(
            String kind, String recorded, @Nullable DeclaredIdentity identity, SourceState source) {
        if (recorded.equals(source.id()) || source.takesOver() || (identity != null && identity.adopt())) {
            return null;
        }
        return new NodeException(
                Reason.OtherSource,
                Follow.STALLED,
                "this " + kind + " was declared by another source (" + recorded + "); "
                        + (identity == null ? "--take-over takes it over" : ADOPT + "it over"));
    }
}
