package dev.veneer.node.plan;

import dev.veneer.api.v1alpha1.RebaseSpec;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverRecord;
import java.util.List;

/**
 * An action that puts another revision of a sliver's writable store in the place of the one in force. It is prepared
 * while the sliver is still in use; what keeps it from being done is best found then. The sliver is stopped and unmounted
 * for the rest, and brought up again at once, before that of other slivers is done.
 */
public sealed interface Rewrite extends Action {
    /** The record that names the new revision. */
    SliverRecord record();

    /** Number of the revision in force. */
    int from();

    @Override
    default ObjectRef object() {
        return ObjectRef.of(record().id());
    }

    @Override
    default Phase phase() {
        return Phase.REWRITE;
    }

    /**
     * Compacts: the view stays, and the revision before is thrown away.
     *
     * @param pins patterns of paths that stay the sliver's
     * @param full whether the whole view is compared
     */
    record Compact(SliverRecord record, int from, List<String> pins, boolean full, String reason) implements Rewrite {
        public Compact {
            pins = List.copyOf(pins);
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.compact(this);
        }
    }

    /**
     * Moves the sliver to the base that the record names; the revision before is kept.
     *
     * @param oldName the BaseImage that it stands on
     * @param oldBase the content that it stands on
     * @param settings what is to become of it
     * @param pins patterns of paths that stay the sliver's
     */
    record Rebase(
            SliverRecord record,
            int from,
            String oldName,
            Digest oldBase,
            RebaseSpec settings,
            List<String> pins,
            String reason)
            implements Rewrite {
        public Rebase {
            pins = List.copyOf(pins);
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.rebase(this);
        }
    }

    /**
     * Goes back to an earlier state; the revision before is kept.
     *
     * @param to the kept revision or snapshot
     * @param copied whether the new revision is a copy of it, which stays; else it is it
     */
    record Restore(SliverRecord record, int from, int to, boolean copied, String reason) implements Rewrite {
        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.restore(this);
        }
    }
}
